-- Rows that began before this may have been deleted; there is one horizon, named rows. Milliseconds since 1970, UTC.
CREATE TABLE IF NOT EXISTS ${prefix}spend_horizon (
  name VARCHAR(30) NOT NULL PRIMARY KEY,
  millis BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
