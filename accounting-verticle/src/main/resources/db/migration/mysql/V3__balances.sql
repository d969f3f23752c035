-- What each holder of limits spent in each period, changed in the same transaction as the rows. Found by a digest of the id, which an
-- end user chooses and which may be too long for an index.
CREATE TABLE IF NOT EXISTS ${prefix}balances (
  kind VARCHAR(30) NOT NULL,
  digest BINARY(16) NOT NULL,
  period_millis BIGINT NOT NULL,
  id MEDIUMTEXT NOT NULL,
  spend_nanos BIGINT NOT NULL,
  PRIMARY KEY (kind, digest, period_millis)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
