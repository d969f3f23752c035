-- The SQLite schema in PostgreSQL's types. ${prefix} is our own schema, with the dot.

-- What many calls have in common; found by a digest of all its columns.
CREATE TABLE ${prefix}spend_contexts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest bytea NOT NULL UNIQUE,
  call_type text NOT NULL,
  api_key text,
  user_id text,
  team_id text,
  end_user text,
  requested_model text NOT NULL,
  model text NOT NULL,
  model_id text NOT NULL,
  model_group text NOT NULL,
  provider text NOT NULL,
  api_base text NOT NULL,
  request_tags text NOT NULL,
  route text NOT NULL,
  failure text,
  status integer NOT NULL,
  priced boolean NOT NULL,
  stream boolean NOT NULL,
  usage_reported boolean NOT NULL
);

-- By hash: a text of any length fits, where an ordered index refuses what is longer than 2.7 kB.
CREATE INDEX spend_contexts_key ON ${prefix}spend_contexts USING hash (api_key);
CREATE INDEX spend_contexts_user ON ${prefix}spend_contexts USING hash (user_id);

-- One row a call. An id that is no UUID stands in given_id, and request_id is made from it. No foreign key: checking it would cost
-- more than the row itself, and contexts are never deleted.
CREATE TABLE ${prefix}spend (
  request_id uuid PRIMARY KEY,
  context bigint NOT NULL,
  start_millis bigint NOT NULL,
  duration_ms double precision NOT NULL,
  first_token_ms double precision,
  spend_nanos bigint NOT NULL,
  prompt_tokens bigint NOT NULL,
  completion_tokens bigint NOT NULL,
  cache_read_tokens bigint NOT NULL,
  cache_write_tokens bigint NOT NULL,
  cache_write_hour_tokens bigint NOT NULL,
  audio_prompt_tokens bigint NOT NULL,
  reasoning_tokens bigint NOT NULL,
  audio_completion_tokens bigint NOT NULL,
  web_searches bigint NOT NULL,
  given_id text
);

CREATE INDEX spend_start ON ${prefix}spend (start_millis);

-- Sums of a UTC day, changed in the same transaction as the rows they sum up. A key, user or team that is none is ''.
CREATE TABLE ${prefix}spend_daily (
  day date NOT NULL,
  digest bytea NOT NULL,
  api_key text NOT NULL,
  user_id text NOT NULL,
  team_id text NOT NULL,
  model_group text NOT NULL,
  model text NOT NULL,
  provider text NOT NULL,
  requests bigint NOT NULL,
  failed bigint NOT NULL,
  prompt_tokens bigint NOT NULL,
  completion_tokens bigint NOT NULL,
  spend_nanos bigint NOT NULL,
  PRIMARY KEY (day, digest)
) WITH (fillfactor = 70);

-- How far each journal file has been stored; written in the same transaction as the rows.
CREATE TABLE ${prefix}journal_positions (
  file text PRIMARY KEY,
  position bigint NOT NULL
) WITH (fillfactor = 50);

CREATE VIEW ${prefix}spend_logs AS
SELECT
  coalesce(s.given_id, s.request_id::text) AS request_id,
  to_timestamp(s.start_millis / 1000.0) AS start_time,
  s.spend_nanos * 0.000000001 AS spend,
  c.call_type, c.api_key, c.user_id, c.team_id, c.end_user, c.requested_model, c.model, c.model_id, c.model_group, c.provider,
  c.api_base, c.request_tags, c.route, c.failure, c.status, c.priced, c.stream, c.usage_reported,
  s.spend_nanos, s.start_millis, s.duration_ms, s.first_token_ms,
  s.prompt_tokens, s.completion_tokens, s.cache_read_tokens, s.cache_write_tokens, s.cache_write_hour_tokens,
  s.audio_prompt_tokens, s.reasoning_tokens, s.audio_completion_tokens, s.web_searches
FROM ${prefix}spend s JOIN ${prefix}spend_contexts c ON c.id = s.context;
