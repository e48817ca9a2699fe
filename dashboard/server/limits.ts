/** Every limit of the HTTP server, by name. */

/** Of a request's body. */
export const BODY_BYTES_MAX = 1_000_000;
/** Of a request's line and headers together: the longest filter fits in, also where each character takes three. */
export const HEADER_BYTES_MAX = 32 * 1024;
/** In one list of another control server. */
export const LISTED_PLAYERS_MAX = 10_000;

/** Those beyond are closed unheard. */
export const CONNECTIONS_MAX = 256;
/** On one connection, which is then closed. */
export const REQUESTS_PER_CONNECTION_MAX = 1_000;

/** From one address, in so long: a list that is scrolled asks some twenty times a second, and a reader may have several. */
export const REQUESTS_MAX = 1_000;
export const REQUESTS_MS = 10_000;
/** Wrong tokens from one address or IPv6 network, in so long. */
export const GUESSES_MAX = 10;
export const GUESSES_MS = 60_000;
/** Addresses that are remembered for the above. */
export const CLIENTS_KEPT_MAX = 10_000;

/** For a request's headers to be whole, and for all of it. */
export const HEADERS_MS = 10_000;
export const REQUEST_MS = 20_000;
/** For a connection to say anything at all, and for it to take what it is sent. */
export const IDLE_MS = 15_000;
/** Between two requests on one connection. */
export const KEEP_ALIVE_MS = 5_000;
/** How often connections are looked at for the above. */
export const CHECK_MS = 1_000;

/** The relay's thread is asked who is there no more often than that; in between the last answer holds. */
export const CENSUS_MS = 1_000;
/** How long its thread may take to answer. */
export const ANSWER_MS = 2_000;
/** Questions that may wait for its answer. */
export const QUESTIONS_MAX = 100;

/** The thread's own memory: the heap, and what is young in it. A thread over it ends, and the relay goes on. */
export const HEAP_MB_MAX = 256;
/** How often in a row a thread that dies is started again, how long after, and when that is forgotten. */
export const RESTARTS_MAX = 3;
export const RESTART_MS = 1_000;
export const RESTARTS_FORGOTTEN_MS = 60_000;
/** How long a thread may take until it listens. */
export const START_MS = 20_000;
/** How long one may take to end in good order. */
export const STOP_MS = 1_000;
