-- A database as the first version of the schema made it, with a run in it.
BEGIN;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    dataset TEXT NOT NULL,
    method TEXT NOT NULL,
    config TEXT NOT NULL,
    state TEXT NOT NULL,
    steps INTEGER NOT NULL DEFAULT 0,
    total_steps INTEGER,
    loss REAL,
    adapter TEXT,
    kernels TEXT NOT NULL DEFAULT '',
    error_code TEXT NOT NULL DEFAULT '',
    error_message TEXT NOT NULL DEFAULT '',
    peak TEXT NOT NULL DEFAULT '{}',
    created INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER
);
CREATE TABLE metrics (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    loss REAL,
    grad_norm REAL,
    learning_rate REAL,
    tokens INTEGER NOT NULL,
    trained_tokens INTEGER NOT NULL,
    tokens_per_second REAL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE memory (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    bytes TEXT NOT NULL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE evaluations (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    loss REAL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE samples (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX samples_of_run ON samples (run, step);
CREATE TABLE checkpoints (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    path TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
PRAGMA application_id = 1282372201;
PRAGMA user_version = 1;
INSERT INTO runs (number, id, name, model, dataset, method, config, state, steps, total_steps, loss, adapter, kernels, peak,
    created, started, ended)
VALUES (1, '01kag0000000000000000000v1', 'first run', 'models/smol', 'train.jsonl', 'lora', '{"name":"first run"}', 'finished',
    2, 2, 1.25, 'runs/v1/adapter', 'avx2', '{"weights":1000,"adapters":20}', 1760000000000, 1760000001000, 1760000009000);
INSERT INTO metrics VALUES (1, 1, 2.5, 0.5, 0.0001, 100, 60, 50.0);
INSERT INTO metrics VALUES (1, 2, 1.25, NULL, 0.0002, 90, 50, 45.0);
INSERT INTO memory VALUES (1, 1, '{"weights":1000}');
INSERT INTO evaluations VALUES (1, 2, 1.5);
INSERT INTO samples (run, step, prompt, text) VALUES (1, 2, 'Why?', 'Because.');
INSERT INTO checkpoints VALUES (1, 2, 'runs/v1/checkpoints/step-2', 1760000005000);
COMMIT;
