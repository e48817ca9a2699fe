-- Format 5: names that people give to numbers, and by what transport connections came.
-- docs/capture-format.md explains every column; this file is never edited once landed.

-- What the values of a field are called, in the words of whoever recorded.
CREATE TABLE given_name (
  capture  INTEGER NOT NULL REFERENCES capture (id),
  protocol INTEGER NOT NULL,            -- Protocol.id: see legend, space 'protocol'
  field    TEXT NOT NULL,
  value    INTEGER NOT NULL,
  name     TEXT NOT NULL,
  PRIMARY KEY (capture, protocol, field, value)
) STRICT, WITHOUT ROWID;

ALTER TABLE connection ADD COLUMN transport TEXT CHECK (transport = 'udp'); -- NULL for TCP, and in captures before
