/** Every limit of the relay's own, by name. Those of a protocol stand in its folder. */

/** What one read takes from a socket at most. One such buffer serves all connections. */
export const CHUNK_BYTES = 256 * 1024;

/** An outbox that holds so much is written at once, without waiting for the end of the turn. */
export const OUTBOX_EARLY_BYTES = 128 * 1024;

/** Where a lossless sender is slowed: its target has this much waiting... */
export const BACKPRESSURE_ON_BYTES = 256 * 1024;
/** ...and where it may go on. */
export const BACKPRESSURE_OFF_BYTES = 64 * 1024;

/** How long a sender is slowed for a target that takes nothing at all, before the target counts as too slow. */
export const STALL_MS = 60_000;

/** How long a closing connection may take to accept what is queued, and to say goodbye. */
export const LINGER_MS = 5_000;

/** Connections that the system may queue before we have accepted them. */
export const BACKLOG = 4_096;

/** Memory that is kept for reuse rather than freed. */
export const POOL_BYTES_MAX = 16 * 1024 * 1024;
