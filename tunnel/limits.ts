/** Every limit of the tunnel, by name. What both ends must agree on is told in their hellos, never taken from here. */

/** Of one frame, which is 16 KiB with its head. */
export const DATA_BYTES_MAX = 16 * 1024 - 24;
/** Of one message to the relay, without its head: four whole frames. Keep-alives and other streams wait for one such message at most. */
export const MESSAGE_BYTES_MAX = 64 * 1024;

/** A frame counts as so many bytes at least, because holding a tiny one costs more than its bytes. */
export const DATA_COST_MIN = 256;
/** No sender may be granted more than this, so that sums stay whole numbers. */
export const CREDIT_MAX = 0x7fff_ffff;

/** What a multiplexer holds at most. Tests have smaller ones. */
export interface MuxLimits {
  /** Connections at a time that one side opens through the tunnel; the other side may open as many. */
  readonly streamsMax: number;
  /** Ids are 32 bits, and each side has every second one. Where they are used up, the session begins anew. */
  readonly streamIdMax: number;
  /** What the peer may send on a new stream before we have taken any of it. */
  readonly windowBytesMin: number;
  /** A stream whose reader keeps up gets a larger window, up to this. */
  readonly windowBytesMax: number;
  /** All windows together, which is all that the peer can make us hold: room for all streams at their least, and for some that are fast. */
  readonly windowsBytesMax: number;
  /** What waits on one stream for the peer's window, before its local connection is no longer read; a read may add 64 KiB. */
  readonly queueBytesMax: number;
  /** Short frames that wait to be sent. An honest peer cannot cause so many. */
  readonly answersMax: number;
}

export const muxLimits: MuxLimits = {
  streamsMax: 1_000,
  streamIdMax: 0xffff_ffff,
  windowBytesMin: 32 * 1024,
  windowBytesMax: 1024 * 1024,
  windowsBytesMax: 96 * 1024 * 1024,
  queueBytesMax: 32 * 1024,
  answersMax: 8_192,
};

/** How often we tell the peer that we are here, until it answers. It may not have been started yet. */
export const HELLO_MS = 5_000;
/** A peer that has said nothing for so long is asked for a sign of life. */
export const PING_MS = 5_000;
/** One that then says nothing is gone. */
export const PEER_SILENCE_MS = 20_000;
/** How long the peer may take to open what we asked for. */
export const OPEN_MS = 15_000;
/** How long `--forward` may take to take a connection. Less than the above, so that the peer hears why. */
export const FORWARD_MS = 10_000;
/** How long a new local connection waits for relay and peer to be there. */
export const WAIT_MS = 10_000;
/** How often all of these are looked at. */
export const TICK_MS = 1_000;

/** Of a name at the relay. */
export const NAME_BYTES_MAX = 64;
/** How long the connection to the relay may take. */
export const CONNECT_MS = 10_000;
/** The relay sends away whoever says nothing for 30 s. */
export const KEEP_ALIVE_MS = 10_000;
/** A relay from which nothing comes for so long, not even what we send to ourselves, is gone. */
export const LINK_SILENCE_MS = 30_000;
/** What waits in the socket to the relay before more is made. Little, so that what is urgent does not wait behind it. */
export const LINK_QUEUE_BYTES_MAX = 128 * 1024;

/** The first wait before the relay is tried again; each further one is twice as long. */
export const BACK_OFF_MS_MIN = 250;
export const BACK_OFF_MS_MAX = 15_000;
/** A link that has lasted so long was a good one: the next wait is the first again. */
export const GOOD_LINK_MS = 10_000;

/** How long the last bytes may take to leave when the tunnel stops. */
export const STOP_MS = 1_000;
