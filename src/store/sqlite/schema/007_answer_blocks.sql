-- Answers by the block: those of one account to what was asked at one time, as
-- they come. A row for each, with an index by identity, dirtied a page for each.
CREATE TABLE answer_blocks (
  key INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  ask_time_us INTEGER NOT NULL,
  answer_time_us INTEGER NOT NULL,
  found INTEGER NOT NULL,
  block BLOB NOT NULL
) STRICT;
CREATE INDEX answer_blocks_by_time ON answer_blocks (found, answer_time_us);

-- Where the latest answer of each kind about a person is. Filled some time
-- after the blocks, and in order.
CREATE TABLE answer_index (
  identity_high INTEGER NOT NULL,
  -- A hash of the identity's low half, the field and the account.
  slot INTEGER NOT NULL,
  block_key INTEGER NOT NULL,
  PRIMARY KEY (identity_high, slot)
) STRICT, WITHOUT ROWID;

-- The index has the blocks up to this key.
ALTER TABLE store ADD COLUMN indexed_answers INTEGER NOT NULL DEFAULT 0;

-- The functions are ours, see store/sqlite/answer_rows.h.
INSERT INTO answer_blocks
  SELECT key, account, ask_time_us, answer_time_us, found,
    answer_block(identity_high, identity_low, field, record)
  FROM answers;
INSERT OR REPLACE INTO answer_index
  SELECT identity_high, answer_slot(identity_high, identity_low, field, account),
    key
  FROM answers ORDER BY identity_high, key;
UPDATE store SET indexed_answers = (SELECT ifnull(max(key), 0) FROM answers),
  last_key = max(last_key, (SELECT ifnull(max(key), 0) FROM answers));
DROP TABLE answers;
