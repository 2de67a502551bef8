-- Pairs of records that may be of one person, for people to look at: how much speaks for it, column by
-- column, and what was decided. No value stands here.
CREATE TABLE match_pairs (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  other BLOB NOT NULL,
  state INTEGER NOT NULL,
  weight INTEGER NOT NULL,
  reasons TEXT NOT NULL,
  found_ms INTEGER NOT NULL,
  decided_ms INTEGER NOT NULL,
  actor BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, other)
) WITHOUT ROWID;
CREATE INDEX match_pairs_by_state ON match_pairs (bucket, tenant, state, weight);
-- Merges and partings on their way: they change two customers in two buckets, one after the other.
CREATE TABLE merge_intents (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  merge BLOB NOT NULL,
  other BLOB NOT NULL,
  parting INTEGER NOT NULL,
  fields TEXT NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, merge)
) WITHOUT ROWID;
