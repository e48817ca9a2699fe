/** Replays a recording in this process, as the command would. */
import { CaptureFile } from '../../recorder/captures.ts';
import { protocols } from '../../protocol/registry.ts';
import { type Replay, replayAgainst } from '../../replay/against.ts';
import type { Verdict } from '../../replay/types.ts';

export interface Ports {
  readonly port: number;
  readonly adhocctlPort: number;
}

/** Of all of its newest capture, unless a session is named. */
export async function replayFile(
  file: string,
  { port, adhocctlPort }: Ports,
  options: Partial<Replay> = {},
): Promise<Verdict> {
  const reader = CaptureFile.open(file);
  try {
    const targets = new Map(
      protocols.map((each) => [
        each,
        { host: '127.0.0.1', port: each.groupNotice === undefined ? port : adhocctlPort },
      ]),
    );
    return await replayAgainst(targets, { ...usual(reader, file), ...options });
  } finally {
    reader.close();
  }
}

export function usual(reader: CaptureFile, file: string): Replay {
  return {
    reader,
    file,
    capture: reader.capture().id,
    session: null,
    pace: 'causal',
    speed: 1,
    patienceMs: 2000,
    settleMs: 100,
    masks: null,
    policy: null,
    hand: null,
    signal: new AbortController().signal,
    onStart: () => undefined,
    onSent: () => undefined,
    onProgress: () => undefined,
  };
}
