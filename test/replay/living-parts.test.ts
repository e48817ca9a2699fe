/** Which connection of a living client stands for which recorded one. */
import { describe, expect, it } from 'vitest';
import { postoffice } from '../../protocol/postoffice/index.ts';
import type { RecordedConnection } from '../../recorder/captures.ts';
import { DUE_MAX, Part, Parts } from '../../replay/living-parts.ts';
import type { ScriptedClient } from '../../replay/script/steps.ts';

const player = { name: 'a' };

function client(conn: number, role: string, endpoint: string, toward = ''): ScriptedClient {
  const party = { conn, role, endpoint, toward } as RecordedConnection;
  return { conn, protocol: postoffice, party, player };
}

const opening = { protocol: postoffice, role: 'pdp', endpoint: 'a/1', toward: '' };

describe('recorded connections', () => {
  it('are played in their order by those of their role', () => {
    const [listens, first, second] = [
      client(1, 'ptp-listen', 'a/1'),
      client(2, 'pdp', 'a/5'),
      client(3, 'pdp', 'a/6'),
    ];
    const parts = new Parts([listens, first, second]);
    expect(parts.take(10, opening)?.client).toBe(first);
    expect(parts.take(11, opening)?.client).toBe(second);
    expect(parts.take(12, opening)).toBeNull();
    expect(parts.of(first)?.conn).toBe(10);
    expect(parts.by(11)?.client).toBe(second);
    expect(parts.of(listens)).toBeNull();
  });

  it('are rather played by those of their endpoint', () => {
    const [first, second] = [client(2, 'pdp', 'a/5'), client(3, 'pdp', 'a/1')];
    expect(new Parts([first, second]).take(10, opening)?.client).toBe(second);
  });

  it('go where they went', () => {
    const parts = new Parts([client(2, 'ptp-connect', 'a/5', 'b/1')]);
    expect(parts.take(10, { ...opening, role: 'ptp-connect', toward: 'b/2' })).toBeNull();
    expect(parts.take(10, { ...opening, role: 'ptp-connect', toward: 'b/1' })).not.toBeNull();
  });
});

describe('what is due', () => {
  it('can come no more where the connection is over, unless it came before', () => {
    const part = new Part(client(1, 'pdp', 'a/1'), 10);
    expect(part.isDue(5)).toBe(true);
    part.came();
    part.came();
    part.isOver = true;
    expect(part.isDue(6)).toBe(true);
    expect(part.isDue(7)).toBe(false);
    expect(part.nextDue).toBe(7);
  });

  it('is forgotten where there is too much of it', () => {
    const part = new Part(client(1, 'pdp', 'a/1'), 10);
    for (let i = 1; i <= DUE_MAX + 3; i++) part.isDue(i);
    expect(part.nextDue).toBe(4);
  });
});
