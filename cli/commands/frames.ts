/** `postreel frames FILE`: what went through the relay, a line each. */
import { isatty } from 'node:tty';
import { Failure } from '../../common/failure.ts';
import { PayloadReader } from '../../protocol/payload.ts';
import { CaptureFile, type RecordedConnection } from '../../recorder/captures.ts';
import type { RecordedSession } from '../../recorder/sessions/session.ts';
import { walkCapture, type CaptureReader, type Step } from '../capture-walk.ts';
import type { Context } from '../commands.ts';
import { frameHeading, frameJson, frameLine, gapJson, gapLine, type LookUp } from '../frame-text.ts';
import type { Output } from '../output.ts';
import { paintFor, type Paint } from '../style.ts';

/** So many are remembered; a capture may have any number. */
const CONNECTIONS_KEPT_MAX = 10_000;

export interface FramesOptions {
  /** The newest capture, if null. */
  readonly capture: number | null;
  /** All of the capture, if null. */
  readonly session: RecordedSession | null;
  readonly follow: boolean;
  readonly limit: number | null;
  readonly json: boolean;
  readonly heading: boolean;
  readonly paint: Paint;
  readonly signal: AbortSignal;
}

export async function frames({ settings, file, output }: Context): Promise<number> {
  const reader = CaptureFile.open(file);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  if (settings.follow) process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    // The heading is for eyes only: whoever counts or cuts the lines gets frames and nothing else.
    const heading = isatty(1) && !settings.json;
    const paint = paintFor(1, process.env);
    const session = settings.session === null ? null : reader.session(settings.session);
    const capture = captureOf(session, settings.capture);
    await printFrames(reader, output, {
      ...settings,
      capture,
      session,
      heading,
      paint,
      signal: stop.signal,
    });
  } finally {
    reader.close();
  }
  return 0;
}

/** The capture to read; a session names its own. */
function captureOf(session: RecordedSession | null, capture: number | null): number | null {
  if (session === null) return capture;
  const { id, captureId } = session;
  if (capture === null || capture === captureId) return captureId;
  const message = `session ${id} is in capture ${captureId}, not in capture ${capture}`;
  throw new Failure('input', 'no-such-session', message);
}

export async function printFrames(
  reader: CaptureReader,
  output: Output,
  options: FramesOptions,
): Promise<void> {
  const { id } = reader.capture(options.capture ?? undefined);
  const connections = new Connections(reader, id);
  const lookUp: LookUp = (conn) => connections.get(conn);
  const inner = new PayloadReader();
  const textOf = (step: Step): string => {
    if (step.kind === 'gap') return options.json ? gapJson(step.gap) : gapLine(step.gap, options.paint);
    if (options.json) return frameJson(step.frame, lookUp, inner);
    return frameLine(step.frame, lookUp, inner, options.paint);
  };
  if (options.heading) await output.line(frameHeading(options.paint));
  const pages = walkCapture(reader, id, {
    session: options.session,
    follow: options.follow,
    limit: options.limit ?? Infinity,
    signal: options.signal,
  });
  for await (const page of pages) {
    connections.forgetUnfinished();
    for (const step of page) await output.line(textOf(step));
    if (options.follow) await output.flush();
  }
}

/** Connections as they are needed, since one frame is often asked of many thousand. */
class Connections {
  readonly #reader: CaptureReader;
  readonly #captureId: number;
  readonly #known = new Map<number, RecordedConnection | null>();

  constructor(reader: CaptureReader, captureId: number) {
    this.#reader = reader;
    this.#captureId = captureId;
  }

  get(conn: number): RecordedConnection | null {
    if (conn === 0) return null;
    const known = this.#known.get(conn);
    if (known !== undefined) return known;
    const found = this.#reader.connection(this.#captureId, conn);
    if (this.#known.size >= CONNECTIONS_KEPT_MAX) this.#known.clear();
    this.#known.set(conn, found);
    return found;
  }

  /** Whoever had not yet said who it is may have done so since. */
  forgetUnfinished(): void {
    for (const [conn, connection] of this.#known) {
      if (connection === null || (connection.role === null && connection.closed === null))
        this.#known.delete(conn);
    }
  }
}
