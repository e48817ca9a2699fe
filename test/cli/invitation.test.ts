/** What a person reads before a game under test begins. */
import { describe, expect, it } from 'vitest';
import { invitationText } from '../../cli/invitation.ts';
import { adhocctl } from '../../protocol/adhocctl/index.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import type { Role } from '../../replay/types.ts';

const role: Role = { name: 'P2', nickname: 'Gus', player: '02:00:00:00:0d:02' };

function other(n: number): Role {
  return { name: `P${n}`, nickname: '', player: `02:00:00:00:00:0${n}` };
}

function told(others: readonly Role[], host = '127.0.0.1', protocols = [postoffice, adhocctl]): string {
  const addresses = protocols.map((protocol, i) => ({ protocol, host, port: 5000 + i }));
  return invitationText({ role, others, addresses }, {}, (_style, text) => text);
}

describe('an invitation', () => {
  it('says who is missing, who plays, where, and what to do', () => {
    const text = told([other(1)]);
    expect(text).toContain('Start the game: P2 (Gus, 02:00:00:00:0d:02) is the one that is missing');
    expect(text).toMatch(/plays +P1 \(02:00:00:00:00:01\)/);
    expect(text).toMatch(/listens +aemu postoffice.* on tcp 127\.0\.0\.1:5000/);
    expect(text).toContain('as long as it takes');
    expect(text).toMatch(/Change PRO adhoc server IP address[^]*127\.0\.0\.1/);
    expect(text).not.toContain('runs without its own');
  });

  it('counts players whom it does not name', () => {
    expect(told(Array.from({ length: 11 }, (_, i) => other(i)))).toMatch(/P7 [^\n]*, 3 more\n/);
    expect(told([])).toMatch(/plays +nobody else/);
  });

  it('tells of a control server where there is none', () => {
    expect(told([], '::', [postoffice])).toContain('runs without its own');
  });

  it('writes nothing to the terminal that a player chose', () => {
    expect(told([{ ...role, nickname: '\x1b[2J' }])).not.toContain('\x1b');
  });
});
