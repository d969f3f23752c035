-- What each holder of limits spent in each period, changed in the same transaction as the rows. The id is '' for all calls together, a
-- team's and a user's id with a line feed in between for a member, a key's hash and a model for a key's use of one model. A period is
-- the millisecond in which it began; 0: spend that never begins anew.
CREATE TABLE balances (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  period_millis INTEGER NOT NULL,
  spend_nanos INTEGER NOT NULL,
  PRIMARY KEY (kind, id, period_millis)
) WITHOUT ROWID;
