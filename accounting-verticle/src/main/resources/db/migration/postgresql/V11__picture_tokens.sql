-- Tokens of a call's prompt and answer that were pictures. NULL: none.
ALTER TABLE ${prefix}spend ADD COLUMN IF NOT EXISTS image_prompt_tokens bigint;
ALTER TABLE ${prefix}spend ADD COLUMN IF NOT EXISTS image_completion_tokens bigint;

CREATE OR REPLACE VIEW ${prefix}spend_logs AS
SELECT
  coalesce(s.given_id, s.request_id::text) AS request_id,
  to_timestamp(s.start_millis / 1000.0) AS start_time,
  s.spend_nanos * 0.000000001 AS spend,
  c.call_type, c.api_key, c.user_id, c.team_id, c.end_user, c.requested_model, c.model, c.model_id, c.model_group, c.provider,
  c.api_base, c.request_tags, c.route, c.failure, c.status, c.priced, c.stream, c.usage_reported,
  s.spend_nanos, s.start_millis, s.duration_ms, s.first_token_ms,
  s.prompt_tokens, s.completion_tokens, s.cache_read_tokens, s.cache_write_tokens, s.cache_write_hour_tokens,
  s.audio_prompt_tokens, s.reasoning_tokens, s.audio_completion_tokens, s.web_searches, s.service_tier,
  CASE WHEN s.part_of IS NOT NULL THEN split_part(s.given_id, '#', 1) END AS part_of, s.price_version,
  coalesce(s.image_prompt_tokens, 0) AS image_prompt_tokens, coalesce(s.image_completion_tokens, 0) AS image_completion_tokens
FROM ${prefix}spend s JOIN ${prefix}spend_contexts c ON c.id = s.context;
