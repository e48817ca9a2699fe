/** Traces of real clients talking to real servers: what went each way on each connection, and when. */
import { readFileSync } from 'node:fs';

export interface TraceEvent {
  readonly conn: number;
  readonly seconds: number;
  readonly what: 'open' | 'in' | 'out' | 'end-in' | 'end-out';
  readonly bytes: Uint8Array;
}

interface Line {
  readonly conn: number;
  readonly t: number;
  readonly dir: TraceEvent['what'];
  readonly hex?: string;
}

/** One of `test/fixtures/traces/`, by its name. */
export function readTrace(name: string): readonly TraceEvent[] {
  const file = new URL(`../fixtures/traces/${name}.jsonl`, import.meta.url);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { conn, t, dir, hex } = JSON.parse(line) as Line;
      return { conn, seconds: t, what: dir, bytes: new Uint8Array(Buffer.from(hex ?? '', 'hex')) };
    });
}
