-- What the admin API manages: keys, users, teams … A version counts all changes of the store, so no two rows have the same one and
-- whoever asks for later ones misses none. One that was deleted keeps its row for some days, without document, so that others hear of it.
CREATE TABLE definitions (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  document TEXT,
  version INTEGER NOT NULL,
  updated_millis INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX definitions_version ON definitions (version);

-- How many changes there were: one row, which every writer changes first.
CREATE TABLE definitions_revision (
  id INTEGER NOT NULL PRIMARY KEY,
  revision INTEGER NOT NULL
);

INSERT INTO definitions_revision VALUES (1, 0);
