-- Wrapped keys only. This database has backups of its own with a short life: destroying a key here
-- is erasure everywhere else.
CREATE TABLE epoch_keys (
  epoch INTEGER PRIMARY KEY,
  created_ms INTEGER NOT NULL,
  wrapped BLOB NOT NULL
);
CREATE TABLE tenant_keys (
  tenant INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  wrapped BLOB NOT NULL,
  PRIMARY KEY (tenant, epoch)
);
CREATE TABLE system_keys (
  name TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL,
  wrapped BLOB NOT NULL
);
CREATE TABLE subject_keys (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  gen INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  wrapped BLOB NOT NULL,
  commitment BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject)
) WITHOUT ROWID;
CREATE TABLE erasures (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  erased_ms INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, subject)
) WITHOUT ROWID;
