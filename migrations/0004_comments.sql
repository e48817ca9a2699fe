-- Format 4: what people have said about frames.
-- docs/capture-format.md explains every column; this file is never edited once landed.

CREATE TABLE comment (
  id       INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again once it is removed
  capture  INTEGER NOT NULL REFERENCES capture (id),
  sequence INTEGER NOT NULL,                  -- of the frame
  marker   TEXT NOT NULL CHECK (marker IN ('note', 'question', 'problem', 'good')),
  text     TEXT NOT NULL,                     -- empty for a marker that says nothing
  at       INTEGER NOT NULL                   -- microseconds since 1970-01-01 UTC
) STRICT;

-- For those of some frames. Nothing is put here while frames are recorded.
CREATE INDEX comment_place ON comment (capture, sequence);
