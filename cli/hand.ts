/** `--pace step`: frames are let go from the terminal, one by one or some at a time. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { kindName } from '../protocol/kind.ts';
import { span } from '../protocol/memory.ts';
import type { Hand } from '../replay/engine/options.ts';
import type { SendStep } from '../replay/script/steps.ts';
import { printable } from '../common/printable.ts';
import { countText } from './format.ts';

const HELP = 'Enter lets it go, a number lets so many go, c lets all go, q stops';

export interface TerminalHand extends Hand {
  onQuit: () => void;
  close(): void;
}

export function terminalHand(input: Readable, output: Writable): TerminalHand {
  let left = 0;
  let isHelped = false;
  const lines = createInterface({ input });
  const hand: TerminalHand = {
    onLetGo: () => undefined,
    onQuit: () => undefined,
    offer(step) {
      if (left > 0) return;
      if (!isHelped) output.write(`${HELP}\n`);
      isHelped = true;
      output.write(`${stepText(step)} > `);
    },
    takes() {
      if (left === 0) return false;
      left--;
      return true;
    },
    close: () => lines.close(),
  };
  lines.on('line', (line) => {
    const word = line.trim();
    if (word === 'q') {
      hand.onQuit();
      return;
    }
    if (word === 'c') left = Infinity;
    else if (word === '') left = 1;
    else if (/^\d{1,9}$/.test(word)) left = Number(word);
    else {
      output.write(`${HELP}\n> `);
      return;
    }
    hand.onLetGo();
  });
  // Where nobody can let anything go any more, all goes.
  lines.on('close', () => {
    left = Infinity;
    hand.onLetGo();
  });
  return hand;
}

/** `412  02:..:01/1001 -> 02:..:02/1002  pdp  8 bytes to 02:..:02/1002`. */
function stepText({ sequence, client, frameKind, bytes }: SendStep): string {
  const { protocol, party } = client;
  const { bytes: plain, view } = span(bytes);
  const summary =
    protocol.frames[frameKind] === undefined
      ? `${bytes.length} bytes`
      : protocol.summarize({ bytes: plain, view, kind: frameKind, at: 0, end: bytes.length });
  const who = party.endpoint ?? `connection ${client.conn}`;
  return printable(`${countText(sequence)}  ${who}  ${kindName(protocol, frameKind)}: ${summary}`);
}
