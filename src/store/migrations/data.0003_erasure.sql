-- What remains of an erasure: the proof that it happened, and fingerprints by which the person is not
-- taken in again unawares.
CREATE TABLE erasure_receipts (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  leaf INTEGER NOT NULL,
  salt BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject)
);
CREATE TABLE suppressions (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  token BLOB NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, kind, token)
) WITHOUT ROWID;
