-- What the admin API manages: keys, users, teams … A version counts all changes of the store, so no two rows have the same one and
-- whoever asks for later ones misses none. One that was deleted keeps its row for some days, without document, so that others hear of it.
CREATE TABLE ${prefix}definitions (
  kind text NOT NULL,
  id text NOT NULL,
  document text,
  version bigint NOT NULL,
  updated_millis bigint NOT NULL,
  PRIMARY KEY (kind, id)
);

CREATE UNIQUE INDEX definitions_version ON ${prefix}definitions (version);

-- How many changes there were: one row, which every writer changes first, so that versions are seen in their order.
CREATE TABLE ${prefix}definitions_revision (
  id integer PRIMARY KEY,
  revision bigint NOT NULL
);

INSERT INTO ${prefix}definitions_revision VALUES (1, 0);
