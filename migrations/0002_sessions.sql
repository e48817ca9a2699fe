-- Format 2: the play sessions of each capture, who is called what, and where among the frames connections came and went.
-- docs/capture-format.md explains every column; this file is never edited once landed.

ALTER TABLE connection ADD COLUMN nickname TEXT;         -- NULL until it has said who it is, like role
ALTER TABLE connection ADD COLUMN game TEXT;
ALTER TABLE connection ADD COLUMN game_name TEXT;

-- Where each of a connection's events stands: the last sequence number given before it, and which of
-- the capture's events it is. NULL where there was no such event, and in captures that were recorded
-- in format 1 and not indexed since.
ALTER TABLE connection ADD COLUMN opened_after INTEGER;
ALTER TABLE connection ADD COLUMN opened_event INTEGER;
ALTER TABLE connection ADD COLUMN identified_after INTEGER;
ALTER TABLE connection ADD COLUMN identified_event INTEGER;
ALTER TABLE connection ADD COLUMN closed_after INTEGER;
ALTER TABLE connection ADD COLUMN closed_event INTEGER;

-- How many events the capture has given a number.
ALTER TABLE capture ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0;
-- Sessions are found up to this sequence number, which is last_sequence; NULL where they are not found at all.
ALTER TABLE capture ADD COLUMN sessions_through INTEGER;

-- Players who play together. Times are nanoseconds, like all times of a capture.
CREATE TABLE session (
  id             INTEGER PRIMARY KEY,
  capture        INTEGER NOT NULL REFERENCES capture (id),
  number         INTEGER NOT NULL,      -- within the capture, in the order in which they were found
  started        INTEGER NOT NULL,
  last_seen      INTEGER NOT NULL,      -- when it ended; while it goes on, the latest time that is known of it
  ended          TEXT CHECK (ended IN ('left', 'lost', 'stopped', 'unclean')),
  game           TEXT NOT NULL,         -- empty where it is not known, like the name
  game_name      TEXT NOT NULL,
  group_name     TEXT,                  -- NULL where it was found by who exchanged frames with whom
  first_sequence INTEGER NOT NULL,
  last_sequence  INTEGER NOT NULL,
  frames         INTEGER NOT NULL,
  bytes          INTEGER NOT NULL,
  delay_p50      INTEGER,               -- nanoseconds in the relay; NULL where no frame left it
  delay_p99      INTEGER,
  delay_max      INTEGER,
  UNIQUE (capture, number)
) STRICT;

CREATE TABLE session_player (
  session        INTEGER NOT NULL REFERENCES session (id),
  player         TEXT NOT NULL,         -- what its connections' endpoints have before the port
  nickname       TEXT NOT NULL,         -- empty where it is not known
  first_sequence INTEGER NOT NULL,      -- since when it takes part
  PRIMARY KEY (session, player)
) STRICT, WITHOUT ROWID;

-- A connection takes part from one sequence number to another, both included.
CREATE TABLE session_connection (
  session        INTEGER NOT NULL REFERENCES session (id),
  connection     INTEGER NOT NULL,      -- connection.id
  first_sequence INTEGER NOT NULL,
  last_sequence  INTEGER,               -- NULL while it does
  player         TEXT NOT NULL,
  PRIMARY KEY (session, connection, first_sequence)
) STRICT, WITHOUT ROWID;
