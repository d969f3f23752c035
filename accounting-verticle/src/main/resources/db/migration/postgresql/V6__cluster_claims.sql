-- Which half of a cluster goes on when it was cut into two equal ones: the first to say so. Found by how often nodes had come
-- together before and a digest of those that were together then; nodes are ids with line feeds in between.
CREATE TABLE IF NOT EXISTS ${prefix}cluster_claims (
  epoch bigint NOT NULL,
  digest bytea NOT NULL,
  nodes text NOT NULL,
  made_millis bigint NOT NULL,
  PRIMARY KEY (epoch, digest)
);
-- By which old ones are found.
CREATE INDEX IF NOT EXISTS cluster_claims_made ON ${prefix}cluster_claims (epoch, made_millis);
