-- +goose Up

-- Question banks. body is the one encoding of a paper.Bank, answers and all.
CREATE TABLE banks (
    id        TEXT   NOT NULL PRIMARY KEY,
    name      TEXT   NOT NULL,
    open      BIGINT NOT NULL, -- whether terminals may have it
    questions BIGINT NOT NULL,
    bytes     BIGINT NOT NULL,
    hash      TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    changed   BIGINT NOT NULL
);

-- On which devices a doctor has practised: each has a stream of its own.
CREATE TABLE devices (
    doctor TEXT NOT NULL,
    device TEXT NOT NULL,
    PRIMARY KEY (doctor, device)
);
