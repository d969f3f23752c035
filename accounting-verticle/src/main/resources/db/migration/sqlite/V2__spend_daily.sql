-- Sums of a UTC day, changed in the same transaction as the rows they sum up. A key, user or team that is none is ''.
CREATE TABLE spend_daily (
  day TEXT NOT NULL,
  api_key TEXT NOT NULL,
  user_id TEXT NOT NULL,
  team_id TEXT NOT NULL,
  model_group TEXT NOT NULL,
  model TEXT NOT NULL,
  provider TEXT NOT NULL,
  requests INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  spend_nanos INTEGER NOT NULL,
  PRIMARY KEY (day, api_key, user_id, team_id, model_group, model, provider)
) WITHOUT ROWID;

INSERT INTO spend_daily
SELECT
  date(s.start_millis / 1000, 'unixepoch') AS utc_day, coalesce(c.api_key, '') AS k, coalesce(c.user_id, '') AS u,
  coalesce(c.team_id, '') AS t, c.model_group, c.model, c.provider,
  count(*), sum(c.failure IS NOT NULL), sum(s.prompt_tokens), sum(s.completion_tokens), sum(s.spend_nanos)
FROM spend s JOIN spend_contexts c ON c.id = s.context
GROUP BY utc_day, k, u, t, c.model_group, c.model, c.provider;
