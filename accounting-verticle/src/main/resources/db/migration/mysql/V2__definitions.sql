-- What the admin API manages: keys, users, teams … A version counts all changes of the store, so no two rows have the same one and
-- whoever asks for later ones misses none. One that was deleted keeps its row for some days, without document, so that others hear of it.
-- Ids are bytes: texts that end in spaces would be the same as those that do not.
CREATE TABLE IF NOT EXISTS ${prefix}definitions (
  kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  id VARBINARY(512) NOT NULL,
  document MEDIUMTEXT,
  version BIGINT NOT NULL,
  updated_millis BIGINT NOT NULL,
  PRIMARY KEY (kind, id),
  UNIQUE KEY definitions_version (version)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How many changes there were: one row, which every writer changes first, so that versions are seen in their order.
CREATE TABLE IF NOT EXISTS ${prefix}definitions_revision (
  id INT NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO ${prefix}definitions_revision VALUES (1, 0);
