-- What became of each webhook body. The bodies get a table of their own: they
-- are deleted before the rows, which know a repeated push for as long as the
-- attempt is known.
ALTER TABLE inbox RENAME TO old_inbox;

CREATE TABLE inbox (
  key INTEGER PRIMARY KEY,
  attempt_key INTEGER NOT NULL REFERENCES attempts (key),
  tenant TEXT NOT NULL,
  account TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  body_bytes INTEGER NOT NULL,
  receive_time_us INTEGER NOT NULL,
  -- Pending 0, applied 1, quarantined 2, quarantined without its body 3.
  state INTEGER NOT NULL,
  -- Why it is quarantined; 0 when it is not.
  reason INTEGER NOT NULL,
  -- When the state was last set.
  state_time_us INTEGER NOT NULL,
  -- Fingerprint of what the body was read as, when it was last run; empty when
  -- it could not be read.
  reading BLOB NOT NULL,
  UNIQUE (attempt_key, body_hash)
) STRICT;

CREATE TABLE inbox_bodies (
  key INTEGER PRIMARY KEY REFERENCES inbox (key),
  body BLOB NOT NULL
) STRICT;

INSERT INTO inbox
  SELECT old_inbox.key, old_inbox.attempt_key, tenant, account, body_hash,
    length(body), receive_time_us, applied, 0, receive_time_us, x''
  FROM old_inbox JOIN attempts ON attempts.key = old_inbox.attempt_key
  JOIN chunks ON chunks.key = attempts.chunk_key;
INSERT INTO inbox_bodies SELECT key, body FROM old_inbox;
DROP TABLE old_inbox;

CREATE INDEX inbox_pending ON inbox (key) WHERE state = 0;
-- In the order they came, as every index ends with the row's key.
CREATE INDEX inbox_quarantined_by_tenant ON inbox (tenant) WHERE state = 2;
CREATE INDEX inbox_quarantined_by_account ON inbox (account) WHERE state = 2;
