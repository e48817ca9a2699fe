/** What every test of a recording asks at its end, through the program's own commands. */
import { expect } from 'vitest';
import { type Ended, run } from './program.ts';

export interface CaptureLine {
  readonly id: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly ended: string;
  readonly connections: number;
  readonly frames: number;
  readonly bytes: number;
  readonly gaps: number;
}

export interface FrameLine {
  readonly sequence: number;
  readonly time: number;
  readonly departed: number | null;
  readonly from: { readonly conn: number; readonly endpoint: string | null } | null;
  readonly to: { readonly conn: number; readonly endpoint: string | null } | null;
  readonly kind: string;
  readonly size: number;
  readonly outcome: string;
  readonly summary: string;
  readonly bytes: string;
  readonly gap?: { readonly frames: number };
}

export async function captures(file: string): Promise<CaptureLine[]> {
  const { code, stdout, stderr } = await run(['captures', file, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as CaptureLine[];
}

/** Frames, and declared gaps in their place. */
export async function frames(file: string, ...args: string[]): Promise<FrameLine[]> {
  const { code, stdout, stderr } = await run(['frames', file, '--json', ...args]);
  expect(code, stderr).toBe(0);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as FrameLine);
}

export async function expectVerified(file: string): Promise<Ended> {
  const ended = await run(['verify', file]);
  expect(ended.code, ended.stdout + ended.stderr).toBe(0);
  return ended;
}

/** The payloads of the datagrams that were forwarded, as text. */
export function forwardedTexts(lines: readonly FrameLine[]): string[] {
  return lines
    .filter((line) => line.kind === 'pdp' && line.outcome === 'forwarded')
    .map((line) => Buffer.from(line.bytes, 'hex').subarray(14).toString());
}
