-- What was bought, so that it is not bought again. The key grows, so that rows
-- are appended: only the index, whose entries are small, is in no order.
CREATE TABLE answers (
  key INTEGER PRIMARY KEY,
  -- A hash of tenant and person, in two halves.
  identity_high INTEGER NOT NULL,
  identity_low INTEGER NOT NULL,
  field INTEGER NOT NULL,
  account TEXT NOT NULL,
  ask_time_us INTEGER NOT NULL,
  answer_time_us INTEGER NOT NULL,
  found INTEGER NOT NULL,
  record BLOB NOT NULL
) STRICT;
CREATE INDEX answers_by_identity ON answers (identity_high);
CREATE INDEX answers_by_time ON answers (found, answer_time_us);

-- Sixteen bytes for each item; nothing in chunks that are older than this.
ALTER TABLE chunks ADD COLUMN identities BLOB NOT NULL DEFAULT x'';
