-- The SQLite schema in MySQL's and MariaDB's types. ${prefix} begins every name. MySQL cannot undo a CREATE, so each statement can be
-- repeated.

-- What many calls have in common; found by a digest of all its columns.
CREATE TABLE IF NOT EXISTS ${prefix}spend_contexts (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  digest BINARY(16) NOT NULL UNIQUE,
  call_type TEXT NOT NULL,
  api_key MEDIUMTEXT,
  user_id MEDIUMTEXT,
  team_id MEDIUMTEXT,
  end_user MEDIUMTEXT,
  requested_model MEDIUMTEXT NOT NULL,
  model MEDIUMTEXT NOT NULL,
  model_id MEDIUMTEXT NOT NULL,
  model_group MEDIUMTEXT NOT NULL,
  provider MEDIUMTEXT NOT NULL,
  api_base MEDIUMTEXT NOT NULL,
  request_tags MEDIUMTEXT NOT NULL,
  route MEDIUMTEXT NOT NULL,
  failure TEXT,
  status INT NOT NULL,
  priced BOOLEAN NOT NULL,
  stream BOOLEAN NOT NULL,
  usage_reported BOOLEAN NOT NULL,
  KEY spend_contexts_key (api_key(64)),
  KEY spend_contexts_user (user_id(64))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row a call. An id that is no UUID stands in given_id, and request_id is made from it.
CREATE TABLE IF NOT EXISTS ${prefix}spend (
  request_id BINARY(16) NOT NULL PRIMARY KEY,
  context BIGINT NOT NULL,
  start_millis BIGINT NOT NULL,
  duration_ms DOUBLE NOT NULL,
  first_token_ms DOUBLE,
  spend_nanos BIGINT NOT NULL,
  prompt_tokens BIGINT NOT NULL,
  completion_tokens BIGINT NOT NULL,
  cache_read_tokens BIGINT NOT NULL,
  cache_write_tokens BIGINT NOT NULL,
  cache_write_hour_tokens BIGINT NOT NULL,
  audio_prompt_tokens BIGINT NOT NULL,
  reasoning_tokens BIGINT NOT NULL,
  audio_completion_tokens BIGINT NOT NULL,
  web_searches BIGINT NOT NULL,
  given_id MEDIUMTEXT,
  KEY spend_start (start_millis)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Sums of a UTC day, changed in the same transaction as the rows they sum up. A key, user or team that is none is ''.
CREATE TABLE IF NOT EXISTS ${prefix}spend_daily (
  day DATE NOT NULL,
  digest BINARY(16) NOT NULL,
  api_key MEDIUMTEXT NOT NULL,
  user_id MEDIUMTEXT NOT NULL,
  team_id MEDIUMTEXT NOT NULL,
  model_group MEDIUMTEXT NOT NULL,
  model MEDIUMTEXT NOT NULL,
  provider MEDIUMTEXT NOT NULL,
  requests BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  prompt_tokens BIGINT NOT NULL,
  completion_tokens BIGINT NOT NULL,
  spend_nanos BIGINT NOT NULL,
  PRIMARY KEY (day, digest)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far each journal file has been stored; written in the same transaction as the rows.
CREATE TABLE IF NOT EXISTS ${prefix}journal_positions (
  file VARCHAR(200) NOT NULL PRIMARY KEY,
  position BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE OR REPLACE VIEW ${prefix}spend_logs AS
SELECT
  COALESCE(s.given_id, LOWER(CONCAT_WS('-', SUBSTR(HEX(s.request_id), 1, 8), SUBSTR(HEX(s.request_id), 9, 4),
    SUBSTR(HEX(s.request_id), 13, 4), SUBSTR(HEX(s.request_id), 17, 4), SUBSTR(HEX(s.request_id), 21)))) AS request_id,
  DATE_ADD('1970-01-01', INTERVAL s.start_millis * 1000 MICROSECOND) AS start_time,
  s.spend_nanos * 0.000000001 AS spend,
  c.call_type, c.api_key, c.user_id, c.team_id, c.end_user, c.requested_model, c.model, c.model_id, c.model_group, c.provider,
  c.api_base, c.request_tags, c.route, c.failure, c.status, c.priced, c.stream, c.usage_reported,
  s.spend_nanos, s.start_millis, s.duration_ms, s.first_token_ms,
  s.prompt_tokens, s.completion_tokens, s.cache_read_tokens, s.cache_write_tokens, s.cache_write_hour_tokens,
  s.audio_prompt_tokens, s.reasoning_tokens, s.audio_completion_tokens, s.web_searches
FROM ${prefix}spend s JOIN ${prefix}spend_contexts c ON c.id = s.context;
