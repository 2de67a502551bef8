-- Sealed rows, ledgers and audit leaves. `bucket` leads every key, and a transaction touches one bucket.
CREATE TABLE tenants (
  tenant INTEGER PRIMARY KEY,
  span INTEGER NOT NULL
);
CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
CREATE TABLE sources (
  tenant INTEGER NOT NULL,
  source TEXT NOT NULL,
  channel TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, source)
);
CREATE TABLE service_keys (
  tenant INTEGER NOT NULL,
  key_id BLOB NOT NULL,
  role TEXT NOT NULL,
  label TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  revoked_ms INTEGER NOT NULL,
  PRIMARY KEY (tenant, key_id)
);
CREATE TABLE subjects (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  version INTEGER NOT NULL,
  body BLOB NOT NULL,
  mac BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject)
);
CREATE TABLE basis_events (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  seq INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, seq)
) WITHOUT ROWID;
CREATE TABLE timeline (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  at_ms INTEGER NOT NULL,
  event BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, at_ms, event)
) WITHOUT ROWID;
CREATE TABLE audit_leaves (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  writer INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  subject BLOB,
  body BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, writer, seq)
) WITHOUT ROWID;
CREATE INDEX audit_by_subject ON audit_leaves (bucket, tenant, subject, seq) WHERE subject IS NOT NULL;
CREATE TABLE audit_sets (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, seq)
) WITHOUT ROWID;
CREATE TABLE erasure_intents (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  intent_ms INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, subject)
);
CREATE TABLE imports (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  import BLOB NOT NULL,
  state TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  rows_done INTEGER NOT NULL,
  facts TEXT NOT NULL,
  PRIMARY KEY (bucket, tenant, import)
);
CREATE TABLE import_rows (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  import BLOB NOT NULL,
  row INTEGER NOT NULL,
  action INTEGER NOT NULL,
  fingerprint BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, import, row)
) WITHOUT ROWID;
CREATE TABLE quarantine (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  import BLOB NOT NULL,
  row INTEGER NOT NULL,
  field TEXT NOT NULL,
  reason TEXT NOT NULL,
  state INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, import, row)
) WITHOUT ROWID;
CREATE TABLE idempotency (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  actor BLOB NOT NULL,
  key_hash BLOB NOT NULL,
  request_hash BLOB NOT NULL,
  status INTEGER NOT NULL,
  answer TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, actor, key_hash)
) WITHOUT ROWID;
