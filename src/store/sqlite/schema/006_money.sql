-- What one attempt may cost and has cost. Of attempts made before there was a
-- ledger nothing is set aside.
ALTER TABLE attempts ADD COLUMN prices BLOB NOT NULL DEFAULT x'';
ALTER TABLE attempts ADD COLUMN charged_millicredits INTEGER NOT NULL DEFAULT 0;

-- What a tenant's requests to an account came to; what is set aside follows from
-- the open chunks. Thousandths of a credit. Never deleted.
CREATE TABLE ledger (
  tenant TEXT NOT NULL,
  account TEXT NOT NULL,
  authorised INTEGER NOT NULL,
  spent INTEGER NOT NULL,
  released INTEGER NOT NULL,
  PRIMARY KEY (tenant, account)
) STRICT, WITHOUT ROWID;
