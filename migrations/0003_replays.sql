-- Format 3: the replays of captures, with their verdicts.
-- docs/capture-format.md explains every column; this file is never edited once landed.

-- One play of a capture, or of a session in it, against something. Times are microseconds since the
-- replay's start, which started_at names. While outcome is NULL, it goes on or never came to its end.
CREATE TABLE replay (
  id               INTEGER PRIMARY KEY,
  capture          INTEGER NOT NULL REFERENCES capture (id),
  session          INTEGER,             -- session.id; NULL where all of the capture was replayed
  file             TEXT NOT NULL,       -- what this file was called
  mode             TEXT NOT NULL CHECK (mode IN ('relay', 'game', 'recording')),
  target           TEXT NOT NULL,       -- where the relay or the game was; a file, of two recordings
  compared_session INTEGER,             -- in that file; NULL except where two recordings are compared
  role             TEXT,                -- whose place the game took; NULL where there was none
  pace             TEXT,                -- NULL where two recordings are compared
  pid              INTEGER NOT NULL,
  version          TEXT NOT NULL,       -- of the program
  started_at       INTEGER NOT NULL,    -- microseconds since 1970-01-01 UTC
  lasted           INTEGER,
  outcome          TEXT CHECK (outcome IN ('same', 'differs', 'unanswered')),
  partial          TEXT,                -- why it did not come to its end; NULL where it did
  sent             INTEGER NOT NULL DEFAULT 0,
  expected         INTEGER NOT NULL DEFAULT 0,
  came             INTEGER NOT NULL DEFAULT 0,
  equal            INTEGER NOT NULL DEFAULT 0,
  first            INTEGER,             -- the place of the first difference that fails; NULL where none does
  differences      INTEGER NOT NULL DEFAULT 0, -- how many rows of replay_difference
  sendings         INTEGER NOT NULL DEFAULT 0  -- how many rows of replay_sending
) STRICT;

CREATE TABLE replay_role (
  replay   INTEGER NOT NULL REFERENCES replay (id),
  place    INTEGER NOT NULL,
  name     TEXT NOT NULL,
  player   TEXT NOT NULL,
  nickname TEXT NOT NULL,               -- empty where none is known
  PRIMARY KEY (replay, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay_note (
  replay INTEGER NOT NULL REFERENCES replay (id),
  place  INTEGER NOT NULL,
  text   TEXT NOT NULL,
  PRIMARY KEY (replay, place)
) STRICT, WITHOUT ROWID;

-- How many differences of each class there were, those included that are not kept one by one.
CREATE TABLE replay_count (
  replay      INTEGER NOT NULL REFERENCES replay (id),
  class       TEXT NOT NULL,
  differences INTEGER NOT NULL,
  PRIMARY KEY (replay, class)
) STRICT, WITHOUT ROWID;

CREATE TABLE replay_hold (
  replay  INTEGER NOT NULL REFERENCES replay (id),
  reason  INTEGER NOT NULL,             -- see legend, space 'hold'
  sends   INTEGER NOT NULL,
  total   INTEGER NOT NULL,
  longest INTEGER NOT NULL,
  PRIMARY KEY (replay, reason)
) STRICT, WITHOUT ROWID;

-- The rows of one replay are a range: a difference's id is the replay's id * 2^32 + its place.
CREATE TABLE replay_difference (
  id            INTEGER PRIMARY KEY,
  class         TEXT NOT NULL,
  fails         INTEGER NOT NULL,       -- 1 where the policy says that this is not to be
  follows       INTEGER,                -- the place of the one that it seems to follow from
  protocol      INTEGER NOT NULL,       -- Protocol.id: see legend, space 'protocol'
  from_role     TEXT NOT NULL,
  from_endpoint TEXT NOT NULL,
  to_role       TEXT NOT NULL,
  to_endpoint   TEXT NOT NULL,
  kind          INTEGER,                -- of the conversation; NULL for what the relay itself says or hears
  is_stream     INTEGER NOT NULL,
  sequence      INTEGER NOT NULL,       -- the capture's frame; 0 where there is none
  at            INTEGER NOT NULL,
  expected_kind INTEGER,
  expected      BLOB,
  actual_kind   INTEGER,
  actual        BLOB,
  byte_offset   INTEGER,
  stream_offset INTEGER,
  field         TEXT,
  text          TEXT NOT NULL
) STRICT;

-- One row a frame that was sent: its id is the replay's id * 2^32 + the frame's sequence number.
CREATE TABLE replay_sending (
  id        INTEGER PRIMARY KEY,
  scheduled INTEGER NOT NULL,           -- when it was next in its client's line
  held      INTEGER NOT NULL,           -- from then until it was sent
  held_by   INTEGER NOT NULL            -- see legend, space 'hold'
) STRICT;
