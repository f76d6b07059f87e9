-- +goose Up

-- What the queue shows of the general procedure. Rows that are there already
-- have no part in it: a dossier gets it with its next decision.
ALTER TABLE dossiers ADD COLUMN exemption BIGINT NOT NULL DEFAULT 0; -- whether one waits for its answer
ALTER TABLE dossiers ADD COLUMN appeal BIGINT NOT NULL DEFAULT 0; -- whether one waits for its answer
ALTER TABLE dossiers ADD COLUMN attempt TEXT NOT NULL DEFAULT ''; -- JSON: the sitting that counts now, '' for none
ALTER TABLE dossiers ADD COLUMN concluded BIGINT NOT NULL DEFAULT 0; -- when the result was decided
