-- What each holder of limits spent in each period, changed in the same transaction as the rows. Found by a digest of the id, which an
-- end user chooses and which may be too long for an index.
CREATE TABLE ${prefix}balances (
  kind text NOT NULL,
  digest bytea NOT NULL,
  period_millis bigint NOT NULL,
  id text NOT NULL,
  spend_nanos bigint NOT NULL,
  PRIMARY KEY (kind, digest, period_millis)
) WITH (fillfactor = 70);
