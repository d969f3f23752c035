-- Tokens of a call's prompt and answer that were pictures. NULL: none.
ALTER TABLE spend ADD COLUMN image_prompt_tokens INTEGER;
ALTER TABLE spend ADD COLUMN image_completion_tokens INTEGER;

DROP VIEW IF EXISTS spend_logs;

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
  s.audio_prompt_tokens, s.reasoning_tokens, s.audio_completion_tokens, s.web_searches, s.service_tier,
  CASE WHEN s.part_of IS NOT NULL THEN substr(s.request_id, 1, instr(s.request_id, '#') - 1) END AS part_of, s.price_version,
  coalesce(s.image_prompt_tokens, 0) AS image_prompt_tokens, coalesce(s.image_completion_tokens, 0) AS image_completion_tokens
FROM spend s JOIN spend_contexts c ON c.id = s.context;
