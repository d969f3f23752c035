-- Whom the calls of a context count for, so that balances can be summed up from rows again: holders as ChargedTo writes them, without
-- periods. Context 0 has the time from which on it is written, in milliseconds since 1970; contexts of earlier calls have no row.
CREATE TABLE spend_payers (
  context INTEGER PRIMARY KEY,
  payers TEXT NOT NULL
);

INSERT INTO spend_payers VALUES (0, CAST(strftime('%s', 'now') AS INTEGER) * 1000);

-- What is in a balance and not in the rows that count for it: amounts set by hand, brought from elsewhere, or spent before this table.
CREATE TABLE balance_corrections (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  period_millis INTEGER NOT NULL,
  spend_nanos INTEGER NOT NULL,
  PRIMARY KEY (kind, id, period_millis)
) WITHOUT ROWID;

INSERT INTO balance_corrections SELECT kind, id, period_millis, spend_nanos FROM balances;
