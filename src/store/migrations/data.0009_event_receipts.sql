-- Which messages were taken in already, by a hash over the source and the message's own id: what is
-- sent again is not taken twice. Forgotten after a month.
CREATE TABLE event_receipts (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  message BLOB NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, message)
) WITHOUT ROWID;
