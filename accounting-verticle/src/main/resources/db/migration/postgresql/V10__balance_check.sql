-- Whom the calls of a context count for, so that balances can be summed up from rows again: holders as ChargedTo writes them, without
-- periods. Context 0 has the time from which on it is written, in milliseconds since 1970; contexts of earlier calls have no row.
CREATE TABLE IF NOT EXISTS ${prefix}spend_payers (
  context bigint PRIMARY KEY,
  payers text NOT NULL
);

INSERT INTO ${prefix}spend_payers VALUES (0, (extract(epoch FROM now()) * 1000)::bigint::text) ON CONFLICT DO NOTHING;

-- What is in a balance and not in the rows that count for it: amounts set by hand, brought from elsewhere, or spent before this table.
CREATE TABLE IF NOT EXISTS ${prefix}balance_corrections (
  kind text NOT NULL,
  digest bytea NOT NULL,
  period_millis bigint NOT NULL,
  id text NOT NULL,
  spend_nanos bigint NOT NULL,
  PRIMARY KEY (kind, digest, period_millis)
);

INSERT INTO ${prefix}balance_corrections
SELECT kind, digest, period_millis, id, spend_nanos FROM ${prefix}balances ON CONFLICT DO NOTHING;
