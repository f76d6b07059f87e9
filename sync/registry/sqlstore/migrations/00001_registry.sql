-- One text for SQLite and PostgreSQL: every column is TEXT or BIGINT and never
-- NULL. Instants are microseconds since 1970 UTC; truth values are 0 and 1.

-- +goose Up

-- What was said. heads is the last line of each stream in entries.
CREATE TABLE heads (
    stream   TEXT   NOT NULL PRIMARY KEY,
    seq      BIGINT NOT NULL,
    hash     TEXT   NOT NULL,
    received BIGINT NOT NULL
);
CREATE TABLE entries (
    stream   TEXT   NOT NULL,
    seq      BIGINT NOT NULL,
    hash     TEXT   NOT NULL,
    received BIGINT NOT NULL,
    raw      TEXT   NOT NULL,
    PRIMARY KEY (stream, seq)
);

CREATE TABLE accounts (
    id           TEXT   NOT NULL PRIMARY KEY,
    province     TEXT   NOT NULL, -- '' for an administrator of all
    login        TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    office       TEXT   NOT NULL,
    doctor       TEXT   NOT NULL,
    password     TEXT   NOT NULL, -- '' while the first password is in force
    must_change  BIGINT NOT NULL,
    disabled     BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    last_sign_in BIGINT NOT NULL,
    UNIQUE (province, login)
);
CREATE INDEX accounts_login ON accounts (login);

CREATE TABLE sessions (
    hash    TEXT   NOT NULL PRIMARY KEY, -- of the token
    account TEXT   NOT NULL,
    created BIGINT NOT NULL,
    seen    BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    address TEXT   NOT NULL,
    agent   TEXT   NOT NULL
);
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE captchas (
    id      TEXT   NOT NULL PRIMARY KEY,
    answer  TEXT   NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX captchas_expires ON captchas (expires);

CREATE TABLE failures (
    subject TEXT   NOT NULL PRIMARY KEY,
    number  BIGINT NOT NULL,
    since   BIGINT NOT NULL
);
CREATE INDEX failures_since ON failures (since);

CREATE TABLE provinces (
    code      TEXT NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL,
    authority TEXT NOT NULL
);
CREATE TABLE institutions (
    id       TEXT NOT NULL PRIMARY KEY,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    name_key TEXT NOT NULL, -- sorts by pinyin, in hexadecimal
    division TEXT NOT NULL,
    province TEXT NOT NULL, -- the first two digits of division
    assessor TEXT NOT NULL
);
CREATE INDEX institutions_province ON institutions (province, name_key);

CREATE TABLE cycles (
    id   TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL -- JSON
);

CREATE TABLE doctors (
    id               TEXT NOT NULL PRIMARY KEY,
    province         TEXT NOT NULL,
    identity         TEXT NOT NULL,
    name             TEXT NOT NULL,
    kind_code        TEXT NOT NULL,
    kind_name        TEXT NOT NULL,
    institution      TEXT NOT NULL,
    licence_no       TEXT NOT NULL,
    qualification_no TEXT NOT NULL,
    mobile           TEXT NOT NULL,
    UNIQUE (province, identity)
);

CREATE TABLE applications (
    id     TEXT NOT NULL PRIMARY KEY,
    doctor TEXT NOT NULL,
    cycle  TEXT NOT NULL,
    UNIQUE (doctor, cycle)
);

-- The queue's projection; derived anew by RebuildProjections.
CREATE TABLE dossiers (
    application      TEXT   NOT NULL PRIMARY KEY,
    doctor           TEXT   NOT NULL,
    cycle            TEXT   NOT NULL,
    province         TEXT   NOT NULL,
    institution      TEXT   NOT NULL,
    assessor         TEXT   NOT NULL,
    institution_name TEXT   NOT NULL,
    name             TEXT   NOT NULL,
    name_key         TEXT   NOT NULL,
    document         TEXT   NOT NULL,
    department       TEXT   NOT NULL,
    course           TEXT   NOT NULL, -- the procedure: simple, general
    state            TEXT   NOT NULL,
    state_order      BIGINT NOT NULL,
    correction       BIGINT NOT NULL,
    submitted        BIGINT NOT NULL,
    changed          BIGINT NOT NULL,
    own_seq          BIGINT NOT NULL,
    in_force         BIGINT NOT NULL, -- whether a notice is
    notice           TEXT   NOT NULL  -- JSON, '' for none
);
CREATE INDEX dossiers_province ON dossiers (cycle, province, state);
CREATE INDEX dossiers_institution ON dossiers (institution, cycle);
CREATE INDEX dossiers_assessor ON dossiers (assessor, cycle);

CREATE TABLE notices (
    serial      TEXT   NOT NULL PRIMARY KEY,
    application TEXT   NOT NULL,
    number      TEXT   NOT NULL UNIQUE,
    document    TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    reserved    BIGINT NOT NULL
);
CREATE INDEX notices_application ON notices (application);
CREATE INDEX notices_document ON notices (document);
CREATE INDEX notices_state ON notices (state);
-- A dossier has at most one notice that is not revoked, whatever goes wrong.
CREATE UNIQUE INDEX notices_one ON notices (application) WHERE state <> 'revoked';

CREATE TABLE blobs (
    hash  TEXT   NOT NULL PRIMARY KEY,
    bytes BIGINT NOT NULL,
    at    BIGINT NOT NULL
);
CREATE TABLE uploads (
    hash    TEXT   NOT NULL,
    account TEXT   NOT NULL,
    bytes   BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (hash, account)
);
CREATE INDEX uploads_account ON uploads (account);
CREATE TABLE blob_uses (
    hash        TEXT NOT NULL,
    application TEXT NOT NULL,
    PRIMARY KEY (hash, application)
);

CREATE TABLE audit (
    seq     BIGINT NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    account TEXT   NOT NULL,
    name    TEXT   NOT NULL,
    role    TEXT   NOT NULL,
    address TEXT   NOT NULL,
    action  TEXT   NOT NULL,
    target  TEXT   NOT NULL,
    result  TEXT   NOT NULL,
    detail  TEXT   NOT NULL,
    prev    TEXT   NOT NULL,
    hash    TEXT   NOT NULL
);
CREATE TABLE checkpoints (
    id   BIGINT NOT NULL PRIMARY KEY, -- always 1: the latest
    seq  BIGINT NOT NULL,
    hash TEXT   NOT NULL,
    at   BIGINT NOT NULL,
    name TEXT   NOT NULL, -- the key's id
    sig  TEXT   NOT NULL
);
-- Holds no row. PostgreSQL transactions that had to begin again queue for its lock.
CREATE TABLE turnstile (id BIGINT NOT NULL PRIMARY KEY);
