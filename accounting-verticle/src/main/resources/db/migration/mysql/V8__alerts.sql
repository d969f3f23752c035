-- Alerts that several nodes may know of and one of them sends: found by a digest of what each is about. The node has until then to
-- send it, afterwards another does; NULL: it is sent. The text is all that another node needs for that. Those that are not sent are
-- found by one index, old ones by the other.
CREATE TABLE IF NOT EXISTS ${prefix}alerts (
  digest BINARY(16) NOT NULL,
  node TEXT NOT NULL,
  alert MEDIUMTEXT NOT NULL,
  until_millis BIGINT,
  made_millis BIGINT NOT NULL,
  PRIMARY KEY (digest),
  KEY alerts_until (until_millis),
  KEY alerts_made (made_millis)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
