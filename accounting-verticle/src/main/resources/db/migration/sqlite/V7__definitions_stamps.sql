-- Entries that came from another node of a cluster whose nodes have a store each: where they stand in the order of all changes of the
-- cluster. An entry without a row here stands there by its own version. Rows of versions that are there no more mean nothing.
CREATE TABLE definitions_stamps (
  version INTEGER PRIMARY KEY,
  stamp INTEGER NOT NULL
);
