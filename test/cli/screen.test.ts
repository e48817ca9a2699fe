import { describe, expect, it } from 'vitest';
import { Screen } from '../../cli/screen.ts';

const ERASE = '\r\x1b[2K';

function recorder() {
  const written: string[] = [];
  return { written, write: (text: string) => void written.push(text) };
}

describe('a screen', () => {
  it('without a terminal has log lines only', () => {
    const log = recorder();
    const screen = new Screen(log, null, false);
    screen.status('3 players');
    screen.write('a line\n');
    screen.clear();
    expect(log.written).toEqual(['a line\n']);
  });

  it('puts the status line back under every log line', () => {
    const terminal = recorder();
    const screen = new Screen(terminal, { lines: terminal, columns: () => 80 }, false);
    screen.status('3 players');
    screen.write('a line\n');
    expect(terminal.written).toEqual([`${ERASE}3 players`, `${ERASE}a line\n3 players`]);
  });

  it('keeps log lines apart where the log is a file', () => {
    const [log, terminal] = [recorder(), recorder()];
    const screen = new Screen(log, { lines: terminal, columns: () => 80 }, false);
    screen.status('3 players');
    screen.write('a line\n');
    expect(log.written).toEqual(['a line\n']);
    expect(terminal.written).toEqual([`${ERASE}3 players`]);
  });

  it('writes a status only when it changes, and takes it away in the end', () => {
    const terminal = recorder();
    const screen = new Screen(terminal, { lines: terminal, columns: () => 80 }, false);
    screen.status('3 players');
    screen.status('3 players');
    screen.clear();
    screen.write('a line\n');
    expect(terminal.written).toEqual([`${ERASE}3 players`, ERASE, 'a line\n']);
  });

  it('cuts the status to the width that the terminal has now, and colours what is left', () => {
    const terminal = recorder();
    let width = 6;
    const screen = new Screen(terminal, { lines: terminal, columns: () => width }, true);
    screen.status('0123456789');
    width = 4;
    screen.status('0123456789', true);
    width = 0;
    screen.status('0123456789');
    expect(terminal.written).toEqual([`${ERASE}01234`, `${ERASE}\x1b[31m012\x1b[39m`, ERASE]);
  });
});
