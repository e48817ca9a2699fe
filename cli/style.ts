/** Colours: only on a terminal, never where NO_COLOR is set (no-color.org) or the terminal is a dumb one. */
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import type { Environment } from './settings.ts';

export type Tint = 'red' | 'yellow' | 'green' | 'cyan' | 'dim' | 'bold';
export type Paint = (tint: Tint, text: string) => string;

export const plain: Paint = (_, text) => text;
// Whether colours are wanted is decided here, and not by where standard output goes.
export const coloured: Paint = (tint, text) => styleText(tint, text, { validateStream: false });

/** `fd` is where the text goes. */
export function wantsColour(fd: number, environment: Environment): boolean {
  return isatty(fd) && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}

export function paintFor(fd: number, environment: Environment): Paint {
  return wantsColour(fd, environment) ? coloured : plain;
}
