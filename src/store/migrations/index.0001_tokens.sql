-- Blind-index tokens, sharded by token. Never backed up: rebuilt from the data.
CREATE TABLE tokens (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  token BLOB NOT NULL,
  ref_bucket INTEGER NOT NULL,
  ref_id BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, kind, token, ref_id)
) WITHOUT ROWID;
