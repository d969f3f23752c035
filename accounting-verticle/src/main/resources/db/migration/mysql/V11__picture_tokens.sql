-- Tokens of a call's prompt and answer that were pictures. NULL: none.
SET @made = (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = '${prefix}spend' AND column_name = 'image_prompt_tokens');
SET @make = IF(@made = 0, 'ALTER TABLE ${prefix}spend ADD COLUMN image_prompt_tokens BIGINT', 'DO 0');
PREPARE make FROM @make;
EXECUTE make;
DEALLOCATE PREPARE make;
SET @made = (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE()
  AND table_name = '${prefix}spend' AND column_name = 'image_completion_tokens');
SET @make = IF(@made = 0, 'ALTER TABLE ${prefix}spend ADD COLUMN image_completion_tokens BIGINT', 'DO 0');
PREPARE make FROM @make;
EXECUTE make;
DEALLOCATE PREPARE make;

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
  s.audio_prompt_tokens, s.reasoning_tokens, s.audio_completion_tokens, s.web_searches, s.service_tier,
  CASE WHEN s.part_of IS NOT NULL THEN SUBSTRING_INDEX(s.given_id, '#', 1) END AS part_of, s.price_version,
  COALESCE(s.image_prompt_tokens, 0) AS image_prompt_tokens, COALESCE(s.image_completion_tokens, 0) AS image_completion_tokens
FROM ${prefix}spend s JOIN ${prefix}spend_contexts c ON c.id = s.context;
