-- What changed last of each customer, and when: one row a customer, so that it never grows beyond
-- them and can be followed from any place. Numbers are given in the order of commits; a part of a
-- record has the number of the change that last touched it. An erased customer's row stays, so that
-- who follows learns of it; it holds an id and nothing else.
CREATE TABLE changes (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  seq INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  created_seq INTEGER NOT NULL,
  record_seq INTEGER NOT NULL,
  basis_seq INTEGER NOT NULL,
  timeline_seq INTEGER NOT NULL,
  erased INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, subject)
) WITHOUT ROWID;
CREATE INDEX changes_by_seq ON changes (tenant, seq, subject);
INSERT INTO changes SELECT bucket, tenant, subject, 0, 0, 0, 0, 0, 0, 0 FROM subjects;
