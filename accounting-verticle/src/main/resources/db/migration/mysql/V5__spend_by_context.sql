-- Rows of one key, user, team or end user in a time: its contexts, then their rows in that time. MySQL knows no CREATE INDEX IF NOT
-- EXISTS, and each statement must be one that can be repeated.
SET @made = (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
  AND table_name = '${prefix}spend' AND index_name = 'spend_context_start');
SET @make = IF(@made = 0, 'CREATE INDEX spend_context_start ON ${prefix}spend (context, start_millis)', 'DO 0');
PREPARE make FROM @make;
EXECUTE make;
DEALLOCATE PREPARE make;
SET @made = (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
  AND table_name = '${prefix}spend_contexts' AND index_name = 'spend_contexts_team');
SET @make = IF(@made = 0, 'CREATE INDEX spend_contexts_team ON ${prefix}spend_contexts (team_id(64))', 'DO 0');
PREPARE make FROM @make;
EXECUTE make;
DEALLOCATE PREPARE make;
SET @made = (SELECT COUNT(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
  AND table_name = '${prefix}spend_contexts' AND index_name = 'spend_contexts_end_user');
SET @make = IF(@made = 0, 'CREATE INDEX spend_contexts_end_user ON ${prefix}spend_contexts (end_user(64))', 'DO 0');
PREPARE make FROM @make;
EXECUTE make;
DEALLOCATE PREPARE make;
