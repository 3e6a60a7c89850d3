-- Requests in doubt that are sent again, and who had it done.

-- Null for none. Both ends of the chain, so that neither needs an index.
ALTER TABLE chunks ADD COLUMN resend_of INTEGER;
ALTER TABLE chunks ADD COLUMN resent_as INTEGER;

-- Each line is tied to the one before it by its hash, over all tenants. Keys of
-- chunks are no references: the log outlives what it speaks of.
CREATE TABLE audit (
  key INTEGER PRIMARY KEY,
  time_us INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  actor TEXT NOT NULL,
  action INTEGER NOT NULL,
  chunk_key INTEGER NOT NULL,
  -- Null for none.
  resend_key INTEGER,
  account TEXT NOT NULL,
  contacts INTEGER NOT NULL,
  exposure_millicredits INTEGER NOT NULL,
  note TEXT NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_tenant ON audit (tenant);
CREATE TRIGGER audit_keeps_lines BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
