// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "core/runs/schema.h"

namespace lorikeet {

namespace {

constexpr const char* kVersion1 = R"sql(
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
)sql";

constexpr const char* kVersion2 = R"sql(
ALTER TABLE runs ADD COLUMN phase TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN estimate TEXT NOT NULL DEFAULT '{}';
ALTER TABLE runs ADD COLUMN trainable_parameters INTEGER;
ALTER TABLE runs ADD COLUMN rows INTEGER;
ALTER TABLE runs ADD COLUMN skipped_rows INTEGER;
ALTER TABLE runs ADD COLUMN seconds REAL;
ALTER TABLE runs ADD COLUMN deleted INTEGER;
ALTER TABLE metrics ADD COLUMN seconds REAL;
ALTER TABLE metrics ADD COLUMN epoch REAL;
ALTER TABLE metrics ADD COLUMN total_tokens INTEGER;
CREATE TABLE warnings (
    number INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    text TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX warnings_of_run ON warnings (run, step);
CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    system_prompt TEXT,
    sampling TEXT NOT NULL,
    sides TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER
);
CREATE INDEX conversations_by_age ON conversations (updated, number);
CREATE TABLE turns (
    number INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    position INTEGER NOT NULL,
    prompt TEXT NOT NULL,
    vote TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    UNIQUE (conversation, position)
);
CREATE TABLE answers (
    turn INTEGER NOT NULL REFERENCES turns ON DELETE CASCADE,
    side INTEGER NOT NULL,
    text TEXT NOT NULL,
    label TEXT NOT NULL,
    source TEXT NOT NULL,
    seed INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    tokens_per_second REAL,
    stop_reason TEXT NOT NULL,
    UNIQUE (turn, side)
);
)sql";

// The place of a queued run: runs with lower numbers come first.
constexpr const char* kVersion3 = R"sql(
ALTER TABLE runs ADD COLUMN queued INTEGER;
)sql";

// The wall clock's time at the run's start: what its chat template tells of the date.
constexpr const char* kVersion4 = R"sql(
ALTER TABLE runs ADD COLUMN moment INTEGER;
)sql";

// What a queued run was before. A run that goes on has no adapter of its end; earlier versions left that of the stop.
constexpr const char* kVersion5 = R"sql(
ALTER TABLE metrics ADD COLUMN seconds_left REAL;
ALTER TABLE runs ADD COLUMN state_before TEXT;
UPDATE runs SET adapter = NULL WHERE started IS NOT NULL AND ended IS NULL;
)sql";

constexpr std::array kMigrations = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5};

} // namespace

std::span<const char* const> runSchemaMigrations() {
    return kMigrations;
}

} // namespace lorikeet
