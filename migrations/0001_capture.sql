-- Format 1: captures, connections, frames and declared gaps.
-- docs/capture-format.md explains every column; this file is never edited once landed.

-- One run of a relay with --record. Captures of one file never overlap in time, so the rows of a
-- capture are a range: a frame's id is frame_base + its sequence number, a connection's id is
-- connection_base + its number in the run.
CREATE TABLE capture (
  id              INTEGER PRIMARY KEY,
  frame_base      INTEGER NOT NULL,
  connection_base INTEGER NOT NULL,
  -- The anchor: this moment on the wall clock, in microseconds since 1970-01-01 UTC, is nanosecond 0
  -- of every other time in the capture. Those count on one monotonic clock.
  started_at      INTEGER NOT NULL,
  ended_at        INTEGER,              -- nanoseconds; NULL while recording
  ended           TEXT CHECK (ended IN ('clean', 'unclean')),
  trouble         TEXT,                 -- the first thing that went wrong, in words; NULL if nothing did
  pid             INTEGER NOT NULL,
  version         TEXT NOT NULL,        -- of the program that wrote it
  -- Totals, kept up to date in each transaction.
  last_sequence   INTEGER NOT NULL DEFAULT 0,
  frames          INTEGER NOT NULL DEFAULT 0,
  bytes           INTEGER NOT NULL DEFAULT 0,
  connections     INTEGER NOT NULL DEFAULT 0,
  lost            INTEGER NOT NULL DEFAULT 0, -- frames in gaps
  -- The highest number seen: larger than connections where an opening was lost in a gap.
  last_connection INTEGER NOT NULL DEFAULT 0,
  -- The last hand-over from the relay that is stored: where a recorder that was restarted goes on.
  last_slab       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE connection (
  id             INTEGER PRIMARY KEY,
  protocol       INTEGER NOT NULL,      -- Protocol.id: see legend, space 'protocol'
  revision       INTEGER NOT NULL,      -- of that protocol, at the time
  remote_address TEXT NOT NULL,
  remote_port    INTEGER NOT NULL,
  opened         INTEGER NOT NULL,      -- nanoseconds
  closed         INTEGER,               -- nanoseconds; NULL while open
  fault          INTEGER,               -- why it ended: see legend, space 'fault'
  role           TEXT,                  -- NULL until it has said who it is
  endpoint       TEXT,
  toward         TEXT,
  stamp          BLOB                   -- written over the start of every frame forwarded from here
) STRICT;

-- One row a hop: in from one connection, out to another, or dropped. The payload is stored once.
CREATE TABLE frame (
  id              INTEGER PRIMARY KEY,
  arrived         INTEGER NOT NULL,     -- nanoseconds
  delay           INTEGER,              -- departed - arrived, nanoseconds; NULL if it never left
  from_connection INTEGER,              -- connection.id; NULL for the relay itself
  to_connection   INTEGER,              -- connection.id; NULL where it went no further
  kind            INTEGER NOT NULL,     -- index into the protocol's frames: see legend, space 'kind'
  outcome         INTEGER NOT NULL,     -- see legend, space 'outcome'
  bytes           BLOB NOT NULL         -- as they arrived, before any stamp
) STRICT;

-- Frames that the recorder could not keep: sequences first_sequence .. first_sequence + frames - 1.
CREATE TABLE gap (
  id             INTEGER PRIMARY KEY,
  capture        INTEGER NOT NULL REFERENCES capture (id),
  first_sequence INTEGER NOT NULL,
  frames         INTEGER NOT NULL,
  events         INTEGER NOT NULL,      -- connection events lost beside them
  noticed        INTEGER NOT NULL,      -- nanoseconds
  reason         TEXT NOT NULL
) STRICT;

-- What the numbers in the other tables mean, so that a capture can be read without this program.
CREATE TABLE legend (
  space    TEXT NOT NULL,               -- 'protocol', 'kind', 'fault', 'outcome'
  protocol INTEGER NOT NULL,            -- Protocol.id; 0 for what all protocols share
  code     INTEGER NOT NULL,            -- in space 'protocol': the revision
  name     TEXT NOT NULL,
  text     TEXT NOT NULL,
  PRIMARY KEY (space, protocol, code)
) STRICT, WITHOUT ROWID;
