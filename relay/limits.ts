/** Every limit of the relay's own, by name. Those of a protocol stand in its folder. */

/** What one read takes from a socket at most. One such buffer serves all connections. */
export const CHUNK_BYTES = 256 * 1024;

/** An outbox that holds so much is written at once, without waiting for the end of the turn. */
export const OUTBOX_EARLY_BYTES = 128 * 1024;

/**
 * Where a lossless sender is slowed: its target has this much waiting. What one read may still add to
 * that must stay below the least `outboxBytesMax`, or slowing would come too late.
 */
export const BACKPRESSURE_ON_BYTES = 128 * 1024;
/** Where it may go on. */
export const BACKPRESSURE_OFF_BYTES = 32 * 1024;

/**
 * How long a client may take for one write, while its sender is slowed for it or while it is closing: in
 * effect the least rate at which it must read, about 10 kB/s.
 */
export const STALL_MS = 60_000;

/** How long a client that was not read from may take to be heard again before it can count as silent. */
export const HEARD_AGAIN_MS = 1_000;

/** How long a connection to which all has been written may take to say goodbye. */
export const LINGER_MS = 5_000;

/**
 * Frames for the relay itself that a client may send at once, and so many a second after that. Each may
 * set off work for many others, a read may hold a quarter of a million of them, and games send a few.
 */
export const REQUESTS_BURST = 200;
export const REQUESTS_PER_SECOND = 50;

/** How long a connection that a hub dials may take to stand. */
export const DIAL_MS = 10_000;

/** Connections that the system may queue before we have accepted them. */
export const BACKLOG = 4_096;

/** Memory that is kept for reuse rather than freed. */
export const POOL_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Addresses from which something comes by UDP, at a time. Whoever sends may make them up, so they are apart from the
 * connections by TCP: they take nobody's place but each other's.
 */
export const UDP_SOURCES_MAX = 1_000;
/** How long one of them counts as one that is there after its last datagram. */
export const UDP_IDLE_MS = 10_000;
/**
 * Where all places are taken, a newcomer takes that of the one that has been quiet for longest, if that is as long: else a
 * few made-up senders a second would keep everybody else out.
 */
export const UDP_SPARED_MS = 1_000;
/** What a datagram may have, in bytes: more than any network carries in one piece. */
export const DATAGRAM_BYTES_MAX = 2_048;
/** Datagrams of one source that wait while nothing is read from it. */
export const DATAGRAMS_WAITING_MAX = 16;
/** How often another port is tried where one that the system chose for TCP is taken for UDP. */
export const UDP_PORT_TRIES = 10;
