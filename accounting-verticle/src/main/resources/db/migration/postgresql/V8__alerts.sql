-- Alerts that several nodes may know of and one of them sends: found by a digest of what each is about. The node has until then to
-- send it, afterwards another does; NULL: it is sent. The text is all that another node needs for that.
CREATE TABLE IF NOT EXISTS ${prefix}alerts (
  digest bytea NOT NULL,
  node text NOT NULL,
  alert text NOT NULL,
  until_millis bigint,
  made_millis bigint NOT NULL,
  PRIMARY KEY (digest)
);
-- By which those are found that are not sent.
CREATE INDEX IF NOT EXISTS alerts_until ON ${prefix}alerts (until_millis) WHERE until_millis IS NOT NULL;
-- By which old ones are found.
CREATE INDEX IF NOT EXISTS alerts_made ON ${prefix}alerts (made_millis);
