/** GATE.PUNCH as its wire page has it, written by hand: what games send, and what they are sent. */
import { join } from './bytes.ts';

function text(...parts: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(parts.join(''), 'latin1'));
}

/** The lines of a command, as a plain client writes them. */
export function command(...lines: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(lines.map((line) => `${line}\n`).join('')));
}

/** As GameMaker writes them: each line is a string that a NUL ends, after its line feed. */
export function gameMaker(...lines: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(lines.map((line) => `${line}\n\0`).join('')));
}

/** What GameMaker puts before the text of a datagram. */
export const HEADER = Uint8Array.of(0xde, 0xc0, 0xad, 0xde, 12, 0, 0, 0, 4, 0, 0, 0);

export function headed(bytes: Uint8Array): Uint8Array {
  return join([HEADER, bytes]);
}

export function reg2(version: string, ...data: readonly string[]): Uint8Array {
  return command('reg2', version, ...Array.from({ length: 8 }, (_, i) => data[i] ?? ''));
}

export interface Query {
  /** By number, from 1. */
  readonly filters?: Readonly<Record<number, string>>;
  readonly sort?: string;
  readonly order?: string;
  readonly limit?: string;
}

export function lobby2({ filters = {}, sort = '', order = '', limit = '' }: Query = {}): Uint8Array {
  const wanted = Array.from({ length: 8 }, (_, i) => filters[i + 1] ?? '');
  return command('lobby2', ...wanted, sort, order, limit);
}

export function introduced(ip: string, port: number): Uint8Array {
  return text('\xff', ip, '\0', `${port}`, '\0');
}

export const notFound = text('\xfe');

export interface Shown {
  readonly ip: string;
  readonly data?: readonly string[];
  readonly createdTime: number;
}

/** Key by key, as clients have always been sent them. */
export function shown({ ip, data = [], createdTime }: Shown): string {
  const told = Array.from({ length: 8 }, (_, i) => `"data${i + 1}":${JSON.stringify(data[i] ?? '')}`);
  return `{"ip":"${ip}",${told.join(',')},"createdTime":${createdTime}}`;
}

export function lobby(...servers: readonly Shown[]): Uint8Array {
  return join([text('\xf9'), Uint8Array.from(Buffer.from(`[${servers.map(shown).join(',')}]\n`))]);
}

export const said = text;
