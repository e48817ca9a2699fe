/** `postreel frames FILE`: what went through the relay, a line each. */
import { isatty } from 'node:tty';
import { Connections } from '../../analysis/connections.ts';
import type { Filter } from '../../analysis/filter/compile.ts';
import { frameJson, gapJson } from '../../analysis/frame-json.ts';
import type { LookUp } from '../../analysis/frame-meaning.ts';
import { FilteredFrames } from '../../analysis/filtered-frames.ts';
import { Failure } from '../../common/failure.ts';
import { PayloadReader } from '../../protocol/payload.ts';
import { CaptureFile } from '../../recorder/captures.ts';
import type { RecordedSession } from '../../recorder/sessions/session.ts';
import { walkCapture, type CaptureReader, type Step } from '../../analysis/capture-walk.ts';
import type { Context } from '../commands.ts';
import { readFilter } from '../filter.ts';
import { frameHeading, frameLine, gapLine } from '../frame-text.ts';
import type { Output } from '../output.ts';
import { paintFor, type Paint } from '../style.ts';

export interface FramesOptions {
  /** The newest capture, if null. */
  readonly capture: number | null;
  /** All of the capture, if null. */
  readonly session: RecordedSession | null;
  /** All frames, if null. */
  readonly filter: Filter | null;
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
    const { id: capture } = reader.capture(captureOf(session, settings.capture) ?? undefined);
    const filter = readFilter(settings.filter, reader.givenNames(capture));
    await printFrames(reader, output, {
      ...settings,
      capture,
      session,
      filter,
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
  reader: CaptureReader & Pick<CaptureFile, 'look'>,
  output: Output,
  options: FramesOptions,
): Promise<void> {
  const { id } = reader.capture(options.capture ?? undefined);
  const connections = new Connections(reader, id);
  const lookUp: LookUp = (conn) => connections.get(conn);
  const { session, filter } = options;
  const filtered = filter === null ? null : new FilteredFrames(reader, id, filter, { session, connections });
  // Which payloads began a conversation may have been left out; a filter that had to know remembers it.
  const inner = filtered?.payloads ?? new PayloadReader();
  const textOf = (step: Step): string => {
    if (step.kind === 'gap') return options.json ? gapJson(step.gap) : gapLine(step.gap, options.paint);
    if (options.json) return frameJson(step.frame, lookUp, inner);
    return frameLine(step.frame, lookUp, inner, options.paint);
  };
  if (options.heading) await output.line(frameHeading(options.paint));
  const pages = walkCapture(reader, id, {
    session,
    follow: options.follow,
    limit: options.limit ?? Infinity,
    signal: options.signal,
    ...(filtered === null ? {} : { look: (limit) => filtered.look(limit) }),
  });
  for await (const page of pages) {
    connections.forgetUnfinished();
    for (const step of page) await output.line(textOf(step));
    if (options.follow) await output.flush();
  }
}
