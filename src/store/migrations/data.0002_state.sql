-- The state digest: per bucket a masked sum over all rows of subjects, and what the sums were at the
-- last leaf that commits to them.
CREATE TABLE state_sums (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  row_count INTEGER NOT NULL,
  changes INTEGER NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant)
);
CREATE TABLE state_marks (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  leaf INTEGER NOT NULL,
  sums BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant)
);
