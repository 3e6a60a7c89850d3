-- Keys are allocated by the store and never used again, so that a late answer
-- can never meet the row of another contact. They grow, so that rows are
-- appended. Times are microseconds since 1970. The numbers of states are those
-- of the model.

CREATE TABLE store (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  store_id TEXT NOT NULL,
  -- The latest allocated, for all tables and for all tenants.
  last_key INTEGER NOT NULL,
  last_revision INTEGER NOT NULL
) STRICT;

-- Tenants that retention has deleted events of.
CREATE TABLE tenants (
  tenant TEXT PRIMARY KEY,
  compacted_revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE batches (
  key INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  request_id TEXT NOT NULL,
  content_hash BLOB NOT NULL,
  display_name TEXT NOT NULL,
  state INTEGER NOT NULL,
  create_time_us INTEGER NOT NULL,
  finish_time_us INTEGER,
  first_contact_key INTEGER NOT NULL,
  contacts INTEGER NOT NULL,
  contacts_done INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  counters BLOB NOT NULL,
  plan BLOB NOT NULL,
  UNIQUE (tenant, request_id)
) STRICT;
-- An index ends with the row's key, so this one is in order of creation.
CREATE INDEX batches_by_tenant ON batches (tenant);
CREATE INDEX batches_by_finish_time ON batches (finish_time_us)
  WHERE finish_time_us IS NOT NULL;

-- Runs of contacts with consecutive keys.
CREATE TABLE contacts (
  first_key INTEGER PRIMARY KEY,
  block BLOB NOT NULL
) STRICT;

-- What is known of contacts whose result may still change.
CREATE TABLE progress (
  contact_key INTEGER PRIMARY KEY,
  record BLOB NOT NULL
) STRICT;

-- Lookups that wait; the first `consumed` items are taken.
CREATE TABLE work (
  key INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  account TEXT NOT NULL,
  operation TEXT NOT NULL,
  enqueue_time_us INTEGER NOT NULL,
  consumed INTEGER NOT NULL,
  items BLOB NOT NULL
) STRICT;

CREATE TABLE chunks (
  key INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  account TEXT NOT NULL,
  operation TEXT NOT NULL,
  state INTEGER NOT NULL,
  create_time_us INTEGER NOT NULL,
  -- Null for never.
  due_us INTEGER,
  polls INTEGER NOT NULL,
  -- The attempt that `state` speaks of, if any.
  attempt_key INTEGER,
  attempt_count INTEGER NOT NULL,
  items BLOB NOT NULL,
  answered BLOB NOT NULL,
  settled BLOB NOT NULL
) STRICT;
-- 6 and 7 are done and failed.
CREATE INDEX chunks_open ON chunks (key) WHERE state < 6;
CREATE INDEX chunks_ended ON chunks (create_time_us) WHERE state >= 6;

-- Submissions of chunks; a row is never reused for another try.
CREATE TABLE attempts (
  key INTEGER PRIMARY KEY,
  chunk_key INTEGER NOT NULL REFERENCES chunks (key),
  reference TEXT NOT NULL,
  -- Null for none.
  token_hash BLOB UNIQUE,
  state INTEGER NOT NULL,
  start_time_us INTEGER NOT NULL,
  max_millicredits INTEGER NOT NULL,
  debited_millicredits INTEGER,
  spent_millicredits INTEGER,
  provider_job_id TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_by_chunk ON attempts (chunk_key);

-- Webhook bodies. Those applied stay, to know a repeated push.
CREATE TABLE inbox (
  key INTEGER PRIMARY KEY,
  attempt_key INTEGER NOT NULL REFERENCES attempts (key),
  body_hash BLOB NOT NULL,
  receive_time_us INTEGER NOT NULL,
  applied INTEGER NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (attempt_key, body_hash)
) STRICT;
CREATE INDEX inbox_unapplied ON inbox (key) WHERE applied = 0;

-- The result log: runs of events of one batch, as the stream carries them.
CREATE TABLE result_log (
  last_revision INTEGER PRIMARY KEY,
  first_revision INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  batch_key INTEGER NOT NULL REFERENCES batches (key),
  first_sequence INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  frames BLOB NOT NULL
) STRICT;
-- The first two are in order of revision, as every index ends with the row's key.
CREATE INDEX result_log_by_tenant ON result_log (tenant);
CREATE INDEX result_log_by_batch ON result_log (batch_key);
CREATE INDEX result_log_by_sequence ON result_log (batch_key, last_sequence);
