-- Rows of one key, user, team or end user in a time: its contexts, then their rows in that time.
CREATE INDEX IF NOT EXISTS spend_context_start ON spend (context, start_millis);
CREATE INDEX IF NOT EXISTS spend_contexts_team ON spend_contexts (team_id);
CREATE INDEX IF NOT EXISTS spend_contexts_end_user ON spend_contexts (end_user);
