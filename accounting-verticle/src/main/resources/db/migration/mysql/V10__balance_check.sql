-- Whom the calls of a context count for, so that balances can be summed up from rows again: holders as ChargedTo writes them, without
-- periods. Context 0 has the time from which on it is written, in milliseconds since 1970; contexts of earlier calls have no row.
CREATE TABLE IF NOT EXISTS ${prefix}spend_payers (
  context BIGINT NOT NULL PRIMARY KEY,
  payers MEDIUMTEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO ${prefix}spend_payers VALUES (0, CAST(UNIX_TIMESTAMP() * 1000 AS CHAR));

-- What is in a balance and not in the rows that count for it: amounts set by hand, brought from elsewhere, or spent before this table.
CREATE TABLE IF NOT EXISTS ${prefix}balance_corrections (
  kind VARCHAR(30) NOT NULL,
  digest BINARY(16) NOT NULL,
  period_millis BIGINT NOT NULL,
  id MEDIUMTEXT NOT NULL,
  spend_nanos BIGINT NOT NULL,
  PRIMARY KEY (kind, digest, period_millis)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT IGNORE INTO ${prefix}balance_corrections
SELECT kind, digest, period_millis, id, spend_nanos FROM ${prefix}balances;
