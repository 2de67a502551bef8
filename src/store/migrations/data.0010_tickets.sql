-- Matters that customers brought to the service desk. Whose, whether it is open and when it last moved;
-- everything else is sealed under the customer's key.
CREATE TABLE tickets (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  ticket BLOB NOT NULL,
  version INTEGER NOT NULL,
  is_open INTEGER NOT NULL,
  moved_ms INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, ticket)
) WITHOUT ROWID;
CREATE INDEX tickets_by_state ON tickets (tenant, is_open, moved_ms, ticket);
