-- What people took back or refused, beside the keys: data brought back from before must not forget
-- it. The body is the event of the ledger, bound by a MAC.
CREATE TABLE refusals (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  seq INTEGER NOT NULL,
  body BLOB NOT NULL,
  mac BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, seq)
) WITHOUT ROWID;
