/** Walks through frames as analysis does, with a matching library whose messages are their own names. */
import { type Observer, see, type SessionView } from '../../../analysis/observe.ts';
import { type PayloadProtocol, PayloadReader } from '../../../protocol/payload.ts';
import type { RecordedFrame } from '../../../recorder/captures.ts';

const names = ['PING', 'HELLO', 'JOIN', 'ACCEPT', 'CANCEL', 'BULK', 'BULK_ABORT', 'BIRTH', 'DEATH', 'BYE'];

/** `matching JOIN` is a JOIN. */
const matching: PayloadProtocol = {
  name: 'matching',
  title: 'Matching, spelled out',
  frames: names.map((name) => ({ name, fields: [] })),
  opens: new Set([0, 1, 2]),
  classify: (payload) => names.findIndex((name) => Buffer.from(payload).toString() === `matching ${name}`),
  summarize: (kind) => names[kind] ?? '',
};

export function observe(
  view: SessionView,
  frames: Iterable<RecordedFrame>,
  observer: Observer<unknown>,
): void {
  const reader = new PayloadReader([matching]);
  for (const frame of frames) observer.frame(see(view.connections, frame, reader));
}
