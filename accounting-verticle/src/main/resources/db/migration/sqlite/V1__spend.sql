-- What many calls have in common: who called what, where it went and how it ended. A call's own row only points here: an eighth of the
-- bytes and a third of the time of a row with all of it.
CREATE TABLE spend_contexts (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  call_type TEXT NOT NULL,
  api_key TEXT,
  user_id TEXT,
  team_id TEXT,
  end_user TEXT,
  requested_model TEXT NOT NULL,
  model TEXT NOT NULL,
  model_id TEXT NOT NULL,
  model_group TEXT NOT NULL,
  provider TEXT NOT NULL,
  api_base TEXT NOT NULL,
  request_tags TEXT NOT NULL,
  route TEXT NOT NULL,
  failure TEXT,
  status INTEGER NOT NULL,
  priced INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  usage_reported INTEGER NOT NULL
);

CREATE INDEX spend_contexts_key ON spend_contexts (api_key);
CREATE INDEX spend_contexts_user ON spend_contexts (user_id);

-- One row a call. The id is a UUID as 16 bytes, or a text where it came from elsewhere. Money is in nano-dollars (1e-9 USD), times are
-- milliseconds since 1970, UTC.
CREATE TABLE spend (
  request_id BLOB PRIMARY KEY,
  context INTEGER NOT NULL REFERENCES spend_contexts (id),
  start_millis INTEGER NOT NULL,
  duration_ms REAL NOT NULL,
  first_token_ms REAL,
  spend_nanos INTEGER NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL DEFAULT 0,
  cache_write_tokens INTEGER NOT NULL DEFAULT 0,
  cache_write_hour_tokens INTEGER NOT NULL DEFAULT 0,
  audio_prompt_tokens INTEGER NOT NULL DEFAULT 0,
  reasoning_tokens INTEGER NOT NULL DEFAULT 0,
  audio_completion_tokens INTEGER NOT NULL DEFAULT 0,
  web_searches INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX spend_start ON spend (start_millis);

-- Both together, for people and for reports.
CREATE VIEW spend_logs AS
SELECT
  CASE typeof(s.request_id)
    WHEN 'blob' THEN lower(
      substr(hex(s.request_id), 1, 8) || '-' || substr(hex(s.request_id), 9, 4) || '-' || substr(hex(s.request_id), 13, 4)
      || '-' || substr(hex(s.request_id), 17, 4) || '-' || substr(hex(s.request_id), 21))
    ELSE s.request_id
  END AS request_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', s.start_millis / 1000.0, 'unixepoch') AS start_time,
  s.spend_nanos / 1e9 AS spend,
  c.call_type, c.api_key, c.user_id, c.team_id, c.end_user, c.requested_model, c.model, c.model_id, c.model_group, c.provider,
  c.api_base, c.request_tags, c.route, c.failure, c.status, c.priced, c.stream, c.usage_reported,
  s.spend_nanos, s.start_millis, s.duration_ms, s.first_token_ms,
  s.prompt_tokens, s.completion_tokens, s.cache_read_tokens, s.cache_write_tokens, s.cache_write_hour_tokens,
  s.audio_prompt_tokens, s.reasoning_tokens, s.audio_completion_tokens, s.web_searches
FROM spend s JOIN spend_contexts c ON c.id = s.context;

-- How far each journal file has been stored; written in the same transaction as the rows.
CREATE TABLE journal_positions (
  file TEXT PRIMARY KEY,
  position INTEGER NOT NULL
);
