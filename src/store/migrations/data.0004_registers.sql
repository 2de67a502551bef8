-- What the house keeps about its own people and what they may do: users, departments, grants, sessions,
-- requests, exports. One sealed document a row; few enough to be held in memory.
CREATE TABLE registers (
  bucket INTEGER NOT NULL,
  tenant INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id BLOB NOT NULL,
  version INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (bucket, tenant, kind, id)
) WITHOUT ROWID;
