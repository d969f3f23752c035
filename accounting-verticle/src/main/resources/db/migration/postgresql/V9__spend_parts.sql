-- A call that several providers want to be paid for has a row for each: of the last part under the call's id, of earlier ones under that id
-- with # and a number, which name the call here. And what a row was priced by: a mark of those prices; empty: there was no price; NULL: an
-- earlier release wrote it.
ALTER TABLE ${prefix}spend ADD COLUMN IF NOT EXISTS part_of uuid;
ALTER TABLE ${prefix}spend ADD COLUMN IF NOT EXISTS price_version text;

CREATE INDEX IF NOT EXISTS spend_part_of ON ${prefix}spend (part_of) WHERE part_of IS NOT NULL;

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
  CASE WHEN s.part_of IS NOT NULL THEN split_part(s.given_id, '#', 1) END AS part_of, s.price_version
FROM ${prefix}spend s JOIN ${prefix}spend_contexts c ON c.id = s.context;
