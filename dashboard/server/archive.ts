/** The capture file that the dashboard shows. It is the only file that a request ever reaches, and it is open before any comes. */
import type { CaptureFile } from '../../recorder/captures.ts';
import type { PayloadProtocol } from '../../protocol/payload.ts';

export interface Archive {
  /** Its path, for what is opened beside the reader. Clients are told its name alone. */
  readonly file: string;
  readonly reader: CaptureFile;
}

/** What is known of a session's payloads by those who have read it in its order. */
export interface KnownPayloads {
  /** All frames up to this sequence number have been read. */
  readonly through: number;
  /** By `conversationOf`: null where it is the game's own, undefined where no payload has told so far. */
  protocolOf(conversation: string): PayloadProtocol | null | undefined;
}
