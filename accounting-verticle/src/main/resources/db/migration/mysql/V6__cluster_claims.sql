-- Which half of a cluster goes on when it was cut into two equal ones: the first to say so. Found by how often nodes had come
-- together before and a digest of those that were together then; nodes are ids with line feeds in between. Old
-- ones are found by the index.
CREATE TABLE IF NOT EXISTS ${prefix}cluster_claims (
  epoch BIGINT NOT NULL,
  digest BINARY(16) NOT NULL,
  nodes MEDIUMTEXT NOT NULL,
  made_millis BIGINT NOT NULL,
  PRIMARY KEY (epoch, digest),
  KEY cluster_claims_made (epoch, made_millis)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
