-- In a cluster whose nodes have a store each: what was added to any of the stores, in batches, so that all can add it to theirs. Batches
-- of one origin are numbered from 1; only the last ones are kept.
CREATE TABLE spend_batches (
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL,
  number INTEGER NOT NULL,
  added_millis INTEGER NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (origin, number)
);

-- How many of each origin's batches are in this store, and the first of those that it still has.
CREATE TABLE spend_origins (
  origin TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  since INTEGER NOT NULL
);

-- What balances have grown by while the node stood alone, if it was one of a cluster before.
CREATE TABLE spend_alone (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  period_millis INTEGER NOT NULL,
  spend_nanos INTEGER NOT NULL,
  PRIMARY KEY (kind, id, period_millis)
) WITHOUT ROWID;

-- The name of this data folder, which a copy of it has, too; and of what it held when its node became one of a cluster, if it did.
CREATE TABLE spend_store (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

INSERT INTO spend_store VALUES ('id', lower(hex(randomblob(16))));
