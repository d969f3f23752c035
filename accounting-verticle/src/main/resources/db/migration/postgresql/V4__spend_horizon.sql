-- Rows that began before this may have been deleted; there is one horizon, named rows. Milliseconds since 1970, UTC.
CREATE TABLE ${prefix}spend_horizon (
  name text PRIMARY KEY,
  millis bigint NOT NULL
);
