-- Who outside of the house was given something of a person, how often and when last. What and under
-- which purpose stands in the audit log.
CREATE TABLE disclosures (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  subject BLOB NOT NULL,
  recipient BLOB NOT NULL,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  times INTEGER NOT NULL,
  abroad INTEGER NOT NULL,
  sensitive INTEGER NOT NULL,
  PRIMARY KEY (bucket, tenant, subject, recipient)
) WITHOUT ROWID;
