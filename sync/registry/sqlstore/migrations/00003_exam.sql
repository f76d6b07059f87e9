-- +goose Up

-- Drawn papers. What is secret in them leaves by no route: sealed is the cipher
-- text that terminals fetch, key opens it. Bytes are base64.
CREATE TABLE papers (
    id        TEXT   NOT NULL PRIMARY KEY,
    cycle     TEXT   NOT NULL,
    title     TEXT   NOT NULL,
    minutes   BIGINT NOT NULL,
    questions BIGINT NOT NULL,
    sealed    TEXT   NOT NULL,
    hash      TEXT   NOT NULL, -- of the cipher text
    cipher    TEXT   NOT NULL, -- the key that opens it
    encoded   TEXT   NOT NULL, -- the paper as JSON
    answers   TEXT   NOT NULL, -- JSON
    rules     TEXT   NOT NULL, -- JSON: what was decided since
    seed      TEXT   NOT NULL,
    created   BIGINT NOT NULL
);
CREATE INDEX papers_cycle ON papers (cycle, created);

CREATE TABLE sittings (
    id          TEXT   NOT NULL PRIMARY KEY,
    application TEXT   NOT NULL,
    cycle       TEXT   NOT NULL,
    paper       TEXT   NOT NULL,
    seed        TEXT   NOT NULL,
    resit       BIGINT NOT NULL,
    made        BIGINT NOT NULL,
    terminal    TEXT   NOT NULL, -- the machine's id
    machine     TEXT   NOT NULL, -- its name
    room        TEXT   NOT NULL,
    held        BIGINT NOT NULL, -- the epoch that it holds
    tries       BIGINT NOT NULL, -- wrong codes of the pending move
    checks      TEXT   NOT NULL, -- JSON
    seen        BIGINT NOT NULL, -- the last check-in
    released    BIGINT NOT NULL  -- when the key was first handed out
);
CREATE INDEX sittings_application ON sittings (application);
CREATE INDEX sittings_paper ON sittings (paper, id);

-- The wall's projection; derived anew by RebuildProjections.
CREATE TABLE wall (
    sitting  TEXT   NOT NULL PRIMARY KEY,
    cycle    TEXT   NOT NULL,
    province TEXT   NOT NULL,
    assessor TEXT   NOT NULL,
    paper    TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    room     TEXT   NOT NULL,
    machine  TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    document TEXT   NOT NULL,
    heard    BIGINT NOT NULL,
    noticed  BIGINT NOT NULL, -- how much was noticed
    due      BIGINT NOT NULL,
    ends     BIGINT NOT NULL,
    body     TEXT   NOT NULL  -- JSON
);
CREATE INDEX wall_province ON wall (cycle, province);
CREATE INDEX wall_assessor ON wall (assessor, cycle);
CREATE INDEX wall_due ON wall (due);
CREATE INDEX wall_ends ON wall (ends);

CREATE TABLE sheets (
    digest  TEXT   NOT NULL PRIMARY KEY,
    sitting TEXT   NOT NULL,
    paper   TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    body    TEXT   NOT NULL
);
CREATE INDEX sheets_sitting ON sheets (sitting);
