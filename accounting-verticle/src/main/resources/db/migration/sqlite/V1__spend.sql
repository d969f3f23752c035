-- One row a call. Money is in nano-dollars (1e-9 USD), times are UTC in ISO 8601 with milliseconds.
CREATE TABLE spend_logs (
  request_id TEXT PRIMARY KEY,
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
  spend_nanos INTEGER NOT NULL,
  priced INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  prompt_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cache_write_hour_tokens INTEGER NOT NULL,
  audio_prompt_tokens INTEGER NOT NULL,
  completion_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  audio_completion_tokens INTEGER NOT NULL,
  web_searches INTEGER NOT NULL,
  usage_reported INTEGER NOT NULL,
  start_time TEXT NOT NULL,
  end_time TEXT NOT NULL,
  first_token_time TEXT,
  duration_ms REAL NOT NULL
) WITHOUT ROWID;

CREATE INDEX spend_logs_start ON spend_logs (start_time);
CREATE INDEX spend_logs_key ON spend_logs (api_key, start_time);

-- How far each journal file has been stored; written in the same transaction as the rows.
CREATE TABLE journal_positions (
  file TEXT PRIMARY KEY,
  position INTEGER NOT NULL
);
