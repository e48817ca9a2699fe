/** Where commands end at their edges: lines as long as they may be, and longer. */
import { describe, expect, it } from 'vitest';
import { CommonFault } from '../../../protocol/fault.ts';
import { GatepunchFault } from '../../../protocol/gatepunch/faults.ts';
import { framing } from '../../../protocol/gatepunch/framing.ts';
import { frames, Kind, LINE_BYTES_MAX, LOBBY_BYTES_MAX, Mode } from '../../../protocol/gatepunch/layout.ts';
import { gatepunch } from '../../../protocol/gatepunch/index.ts';
import { span } from '../../../protocol/memory.ts';
import { Direction } from '../../../protocol/types.ts';
import { command, headed, reg2, said } from '../../kit/gatepunch-wire.ts';
import { naiveMeasure } from '../../kit/naive.ts';

function measured(bytes: Uint8Array, mode: number = Mode.commands): string {
  const { view } = span(bytes);
  const size = framing.measure(mode, view, 0, bytes.length);
  if (size <= 0) return String(size);
  return `${frames[framing.classify(mode, view, 0, size)]!.name} ${size}`;
}

const full = 'x'.repeat(LINE_BYTES_MAX);

describe('a command', () => {
  it('may have lines as long as they may be', () => {
    const all = reg2(full, ...Array.from({ length: 8 }, () => full));
    expect(measured(all)).toBe(`reg2 ${5 + 9 * (LINE_BYTES_MAX + 1)}`);
    expect(all.length).toBeLessThanOrEqual(frames[Kind.reg2]!.bytesMax);
  });

  it.each([1, 5, 9])('is refused from a longer line on, before that has ended: line %i', (place) => {
    const lines = ['reg2', ...Array.from({ length: 9 }, (_, i) => (i + 1 === place ? `${full}x` : 'short'))];
    const bytes = command(...lines.slice(0, place + 1)).slice(0, -1);
    expect(measured(bytes)).toBe(`-${GatepunchFault.lineTooLong}`);
    expect(measured(bytes.slice(0, -1))).toBe('0');
    // The tables alone say the same: what says that it is one command is no other one.
    expect(naiveMeasure(gatepunch, Mode.commands, Direction.toRelay, bytes).refused).toBe(true);
  });

  it('counts control characters of a line as bytes of it', () => {
    expect(measured(said('p', '\0'.repeat(LINE_BYTES_MAX - 4), 'ing\n'))).toBe(`ping ${LINE_BYTES_MAX + 1}`);
    expect(measured(said('p', '\0'.repeat(LINE_BYTES_MAX - 3), 'ing\n'))).toBe(
      `-${GatepunchFault.lineTooLong}`,
    );
  });

  it('is none that only begins like one', () => {
    expect(measured(command('register'))).toBe('unknown 9');
    expect(measured(command('connecté'))).toBe('unknown 10');
  });
});

describe('a datagram', () => {
  it('is a command as it stands before it is one behind a header', () => {
    expect(measured(command('reg', 'x'.repeat(7), 'reg'), Mode.datagram)).toBe('udp-reg 4');
    expect(measured(headed(command('connect')), Mode.datagram)).toBe('udp-connect-headed 20');
  });

  it.each([said('\0\n'.repeat(6)), said('\n'.repeat(12)), said('reg.connect.'), said('\xff'.repeat(12))])(
    'may have any header of twelve bytes: %j',
    (header) => {
      expect(measured(Uint8Array.of(...header, ...command('reg')), Mode.datagram)).toBe('udp-reg-headed 16');
    },
  );

  it('is none behind a header of another length, and none that is another command', () => {
    for (const text of [
      'x'.repeat(11) + 'reg',
      'x'.repeat(13) + 'reg',
      'ping',
      'lobby2',
      'x'.repeat(12) + 'ping',
    ])
      expect(measured(command(text), Mode.datagram)).toBe(measured(command(text, 'x'), Mode.datagram));
    expect(measured(command('x'.repeat(13) + 'reg'), Mode.datagram)).toBe(`-${CommonFault.malformed}`);
    expect(measured(command('ping', 'x'.repeat(8), 'x'), Mode.datagram)).toBe(`-${CommonFault.malformed}`);
  });
});

describe('an answer', () => {
  it('may be as long as it may be', () => {
    const bytes = said('\xf9', 'x'.repeat(LOBBY_BYTES_MAX), '\n');
    expect(measured(bytes, Mode.answers)).toBe(`lobby ${bytes.length}`);
    expect(measured(said('\xf9', 'x'.repeat(LOBBY_BYTES_MAX + 1)), Mode.answers)).toBe(
      `-${GatepunchFault.lineTooLong}`,
    );
  });

  it.each([
    '\xff1\x002\0',
    '\xff1.2.3.4\x00\0',
    '\xff1.2.3.4\x000\0',
    '\xff1.2.3.4\x0065536\0',
    '\xff1.2.3.4\x001a\0',
    'x',
  ])('is refused where it names no address and port: %j', (text) => {
    expect(Number(measured(said(text), Mode.answers))).toBeLessThan(0);
  });
});
