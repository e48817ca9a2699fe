-- Format 1 of a file of virtual IP addresses. This file is never edited once landed.

-- Which real IP address was given which virtual ones, for good. A virtual one is given once; a real one uses its own in
-- the order of their ids.
CREATE TABLE virtual_ip (
  id         INTEGER PRIMARY KEY,
  real_ip    TEXT NOT NULL CHECK (real_ip <> ''),
  virtual_ip TEXT NOT NULL UNIQUE CHECK (virtual_ip <> '')
) STRICT;
