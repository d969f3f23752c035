-- Rows that began before this may have been deleted; there is one horizon, named rows. Milliseconds since 1970, UTC.
CREATE TABLE spend_horizon (
  name TEXT PRIMARY KEY,
  millis INTEGER NOT NULL
);
