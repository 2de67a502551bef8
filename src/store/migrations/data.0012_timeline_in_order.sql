-- SQLite alone: PostgreSQL keeps rows apart from their key anyway.
-- Rows lie in the order in which they came, the key beside them: rows this large leave so few keys on
-- a page of a table WITHOUT ROWID that one event in three makes pages split, in the middle of the tree.
CREATE TABLE timeline_in_order (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  at_ms INTEGER NOT NULL,
  event BLOB NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, at_ms, event)
);
INSERT INTO timeline_in_order SELECT bucket, tenant, subject, at_ms, event, body FROM timeline
  ORDER BY bucket, tenant, subject, at_ms, event;
DROP TABLE timeline;
ALTER TABLE timeline_in_order RENAME TO timeline;
