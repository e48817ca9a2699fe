/** A game under test: a scripted client takes the place of one of the recorded players. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../common/failure.ts';
import { parseMasks } from '../../replay/masks/file.ts';
import type { Difference, Verdict } from '../../replay/types.ts';
import { type DuelOptions, duelMacs, otherByte, otherOpcode, playDuel } from '../kit/game-client.ts';
import { Opcode } from '../kit/matching-wire.ts';
import { playFor } from '../kit/playing-game.ts';
import { duelPlay, meshPlay, type Ports, recordPlay } from '../kit/plays.ts';
import { playPart } from '../kit/recorded-part.ts';
import { Client, Init, init, pdp, player } from '../kit/socket-client.ts';

const OTHER_MAC = '02:ee:00:00:00:09';

/** By who they are: the recordings with and without a lobby. */
const files = { lobby: '', plain: '', naming: '' };

beforeAll(async () => {
  const [lobby, plain, naming] = await Promise.all([
    recordPlay((ports) => duelPlay(ports)),
    recordPlay(({ postoffice }) => duelPlay({ postoffice })),
    recordPlay(({ postoffice }) => duelPlay({ postoffice }, { namesItself: true })),
  ]);
  files.lobby = lobby.file;
  files.plain = plain.file;
  files.naming = naming.file;
}, 60_000);

const roles = { host: 'P1', guest: 'P2' } as const;

/** A game begins with HELLO when the other one can hear it, which the recorded one did as well. */
function duellist(role: 'host' | 'guest', options: Partial<DuelOptions> = {}) {
  return (ports: Ports) => playDuel({ role, ...ports, start: sleep(400), patienceMs: 8000, ...options });
}

function firstOf({ first, differences }: Verdict): Difference {
  return differences[first ?? -1] as Difference;
}

/** With the texts, so that a failure says why. */
function told({ outcome, differences }: Verdict) {
  return { outcome, differences: differences.filter(({ fails }) => fails).map(({ text }) => text) };
}

const same = { outcome: 'same', differences: [] };

describe('a game that plays as recorded', () => {
  for (const role of ['host', 'guest'] as const)
    for (const lobby of ['lobby', 'plain'] as const)
      for (const [what, options] of [
        ['with the recorded address', {}],
        ['with an address of its own, and 80 ms slower', { mac: OTHER_MAC, thinkMs: 80 }],
      ] as const)
        it(`is the same: as ${role}, ${what}, ${lobby === 'lobby' ? 'with' : 'without'} a lobby`, async () => {
          const { verdict, game } = await playFor(files[lobby], roles[role], duellist(role, options));
          expect(told(verdict)).toEqual(same);
          expect(game).toMatchObject({ isOver: true, gaveUp: null });
          const recorded = duelMacs[role];
          expect(verdict.notes).toEqual('mac' in options ? [`${recorded} was played by ${OTHER_MAC}`] : []);
          expect(verdict.counts.equal).toBe(verdict.counts.expected);
          expect(verdict.counts.expected).toBeGreaterThan(15);
        });

  it('plays one session of a capture', async () => {
    const { verdict } = await playFor(files.lobby, 'P2', duellist('guest'), { session: 1 });
    expect(told(verdict)).toEqual(same);
    expect(verdict.session).toBe(1);
    expect(verdict.counts.equal).toBeGreaterThan(15);
  });

  it('may use other ports', async () => {
    const { verdict } = await playFor(
      files.plain,
      'P2',
      duellist('guest', { mac: OTHER_MAC, portsBy: 1000 }),
    );
    expect(told(verdict)).toEqual(same);
  });

  for (const pace of ['recorded', 'max'] as const)
    it(`is waited for in pace ${pace}`, async () => {
      const play = async (ports: Ports) => {
        await sleep(500);
        return duellist('guest', { thinkMs: 20 })(ports);
      };
      const { verdict } = await playFor(files.plain, 'P2', play, { pace });
      expect(told(verdict)).toEqual(same);
    });

  it('keeps the distances of the recording in pace recorded, counted from when it came', async () => {
    const { file } = await recordPlay(({ postoffice }) => duelPlay({ postoffice }, { thinkMs: 20 }));
    const play = async (ports: Ports) => {
      await sleep(1500);
      return duellist('guest')(ports);
    };
    const [slow, quick] = await Promise.all(
      [0.5, 1000].map((speed) => playFor(file, 'P2', play, { pace: 'recorded', speed })),
    );
    expect(told(slow!.verdict)).toEqual(same);
    expect(told(quick!.verdict)).toEqual(same);
    // The host thought twelve times and more, for 20 ms each: of that, what is not made up for by the guest.
    expect(slow!.verdict.lasted).toBeGreaterThan(quick!.verdict.lasted + 300);
  });

  it('is announced by what it calls itself, once the others wait', async () => {
    const there: string[] = [];
    const { verdict } = await playFor(files.lobby, 'Gus', duellist('guest', { mac: OTHER_MAC }), {
      game: { onThere: (player) => there.push(player) },
    });
    expect(there).toEqual([OTHER_MAC]);
    expect(verdict.subject).toMatchObject({ mode: 'game', role: { name: 'P2', nickname: 'Gus' } });
    expect(verdict.notes).toContain(`${duelMacs.guest} was played by ${OTHER_MAC}`);
  });
});

describe('a game that differs', () => {
  it('is told which field of which message is another', async () => {
    const twist = otherOpcode(0, Opcode.cancel);
    const { verdict } = await playFor(files.lobby, 'P2', duellist('guest', { twist, patienceMs: 1000 }), {
      patienceMs: 300,
    });
    expect(verdict.outcome).toBe('differs');
    expect(firstOf(verdict)).toMatchObject({ class: 'changed', field: 'matching.opcode' });
    expect(firstOf(verdict).text).toContain('matching.opcode is CANCEL (4) instead of JOIN (2)');
  });

  it('is told which byte of its payload is another', async () => {
    const twist = otherByte(4, 3);
    const { verdict } = await playFor(files.plain, 'P2', duellist('guest', { twist, mac: OTHER_MAC }));
    expect(verdict.outcome).toBe('differs');
    expect(firstOf(verdict)).toMatchObject({ class: 'changed' });
    expect(firstOf(verdict).field).toMatch(/^(payload|matching\.\w+)\[\d+\]$/);
    expect(verdict.counts.differences).toMatchObject({ changed: 1, missing: 0, extra: 0 });
  });

  it('is told the first frame that is missing, where it stops answering', async () => {
    const stops = async (ports: Ports) => {
      const guest = await Client.open(ports.postoffice, Init.pdp, { mac: duelMacs.guest, port: 4001 });
      await guest.datagram();
      return guest;
    };
    const { verdict, game } = await playFor(files.plain, 'P2', stops, { patienceMs: 400 });
    game.destroy();
    expect(verdict.outcome).toBe('differs');
    expect(firstOf(verdict)).toMatchObject({ class: 'missing', sequence: 5 });
    expect(firstOf(verdict).text).toMatch(/^frame 5 from P2 to P1 did not come/);
    // The first time costs the patience, and the others little.
    expect(verdict.lasted).toBeLessThan(6000);
  });

  it('is told that it closed its connections, where it leaves early', async () => {
    const leaves = async (ports: Ports) => {
      const guest = await Client.open(ports.postoffice, Init.pdp, { mac: duelMacs.guest, port: 4001 });
      await guest.datagram();
      guest.send(pdp({ mac: duelMacs.host, port: 4001 }, Buffer.from('\x02\x09\0\0\0LET ME IN', 'latin1')));
      await guest.datagram();
      guest.end();
      await guest.closed;
    };
    const { verdict } = await playFor(files.plain, 'P2', leaves, { patienceMs: 60_000 });
    expect(verdict.outcome).toBe('differs');
    expect(told(verdict).differences[0]).toMatch(/was closed early: the game closed it/);
    // Whatever that connection was to carry follows from it; another one was never opened.
    const own = verdict.differences.filter(({ fails, follows }) => fails && follows === null);
    expect(own.map(({ class: what }) => what)).toEqual(['closed-early', 'missing']);
    expect(own[1]?.text).toMatch(/to the relay did not come/);
    // The rest of the play is gone through quickly, for nobody is there.
    expect(verdict.lasted).toBeLessThan(15_000);
  });
});

describe('addresses in payloads', () => {
  const masks = parseMasks(
    'masks.json',
    JSON.stringify({
      masks: [{ kind: 'pdp-delivered', size: 20, at: 14, bytes: 6, means: 'address' }],
    }),
  );

  it('are mapped where a mask says so', async () => {
    const play = duellist('guest', { mac: OTHER_MAC, namesItself: true });
    const { verdict } = await playFor(files.naming, 'P2', play, { masks });
    expect(told(verdict)).toEqual(same);
    expect(verdict.counts.differences).toMatchObject({ masked: 0, changed: 0 });
    expect(verdict.notes.join()).not.toContain('a mask of');
  });

  it('are other bytes where none does, and people are told of the mask', async () => {
    const play = duellist('guest', { mac: OTHER_MAC, namesItself: true });
    const { verdict } = await playFor(files.naming, 'P2', play);
    expect(verdict.outcome).toBe('differs');
    expect(verdict.counts.differences).toMatchObject({ changed: 1 });
    expect(verdict.notes).toContain(
      'the payload of pdp-delivered from P2 to P1 (20 bytes) holds the player’s address at 14: a mask of "means": "address" maps it',
    );
  });
});

describe('what reaches nobody', () => {
  const [first, second] = [player(1), player(2)];
  const nobody = player(9);

  /** The second player is there first, and says hi when the first one can hear it. */
  async function greeting({ postoffice: port }: Ports): Promise<void> {
    const greeter = await Client.open(port, Init.pdp, second);
    await sleep(100);
    const greeted = await Client.open(port, Init.pdp, first);
    await sleep(100);
    greeter.send(pdp(first, 'hi'));
    await greeted.datagram();
    greeted.send(pdp(second, 'hello'));
    await greeter.datagram();
    greeter.send(pdp(nobody, 'is there anybody else?'));
    await sleep(50);
    for (const client of [greeter, greeted]) {
      client.end();
      await client.closed;
    }
  }

  it('was said all the same: who was not there yet goes on as if it had been', async () => {
    const { file } = await recordPlay(greeting);
    const play = async ({ postoffice: port }: Ports) => {
      const greeter = await Client.open(port, Init.pdp, second, undefined, pdp(first, 'hi'));
      await greeter.datagram();
      greeter.send(pdp(nobody, 'is there anybody else?'));
      greeter.end();
    };
    const { verdict } = await playFor(file, 'P1', play, { pace: 'recorded', speed: 0.2, patienceMs: 20_000 });
    expect(told(verdict)).toEqual(same);
    expect(verdict.lasted).toBeLessThan(10_000);
  });

  it('is nobody’s fault where the play is stopped before', async () => {
    const { file } = await recordPlay(greeting);
    const stop = new AbortController();
    const play = async ({ postoffice: port }: Ports) => {
      const greeter = await Client.open(port, Init.pdp, second);
      await sleep(300);
      greeter.send(pdp(first, 'hi'));
      await greeter.datagram();
      await sleep(100);
      stop.abort(new Failure('input', 'stopped', 'stopped with Ctrl-C'));
    };
    const { verdict } = await playFor(file, 'P1', play, { signal: stop.signal });
    expect(told(verdict)).toEqual(same);
    expect(verdict.counts).toMatchObject({ came: 2, equal: 2 });
  });

  it('is missing where it was not said', async () => {
    const { file } = await recordPlay(greeting);
    const play = async ({ postoffice: port }: Ports) => {
      const greeter = await Client.open(port, Init.pdp, second);
      await sleep(300);
      greeter.send(pdp(first, 'hi'));
      await greeter.datagram();
    };
    const { verdict } = await playFor(file, 'P1', play);
    expect(verdict.counts.differences).toMatchObject({ missing: 1, changed: 0 });
    expect(firstOf(verdict).text).toContain(nobody.mac);
  });
});

describe('who comes', () => {
  it('is waited for without end, and nobody is to blame where the play is stopped', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Failure('input', 'stopped', 'stopped with Ctrl-C')), 800);
    const nobody = () => Promise.resolve(null);
    const { verdict } = await playFor(files.lobby, 'P2', nobody, { patienceMs: 100, signal: stop.signal });
    expect(verdict).toMatchObject({ outcome: 'same', partial: 'stopped with Ctrl-C', first: null });
    expect(verdict.counts).toMatchObject({ came: 0 });
  });

  it('is to blame for nothing that it had no time to do', async () => {
    const stop = new AbortController();
    const guest = duellist('guest', { thinkMs: 80, patienceMs: 1000 });
    const plays = (ports: Ports) => {
      setTimeout(() => stop.abort(new Failure('input', 'stopped', 'stopped with Ctrl-C')), 1000);
      return guest(ports);
    };
    const { verdict } = await playFor(files.plain, 'P2', plays, { signal: stop.signal });
    expect(told(verdict)).toEqual(same);
    expect(verdict.partial).toBe('stopped with Ctrl-C');
    expect(verdict.counts.equal).toBeGreaterThan(2);
    expect(verdict.counts.equal).toBeLessThan(20);
  });

  it('may be more than one: whoever is second is named and left alone', async () => {
    const plays = async (ports: Ports) => {
      const guest = duellist('guest', { mac: OTHER_MAC })(ports);
      await sleep(200);
      const stranger = await Client.open(ports.postoffice, Init.pdp, {
        mac: '02:ee:00:00:00:77',
        port: 4001,
      });
      stranger.send(pdp({ mac: duelMacs.host, port: 4001 }, 'let me in as well'));
      await guest;
      stranger.end();
    };
    const { verdict } = await playFor(files.plain, 'P2', plays);
    expect(told(verdict)).toEqual(same);
    expect(verdict.notes).toContain('02:ee:00:00:00:77 came as well, and is no player of the recording');
  });

  it('is told so where it has the address of a player whom the replay plays', async () => {
    const stop = new AbortController();
    const comes = async (ports: Ports) => {
      const client = new Client(ports.postoffice);
      await client.connected();
      client.send(init(Init.pdp, { mac: duelMacs.host, port: 9 }));
      await sleep(200);
      stop.abort(new Failure('input', 'stopped', 'enough'));
      client.destroy();
    };
    const { verdict } = await playFor(files.plain, 'P2', comes, { signal: stop.signal });
    expect(verdict.notes).toEqual([expect.stringContaining(`somebody came as ${duelMacs.host}`)]);
  });

  it('is one of the recorded players', async () => {
    await expect(playFor(files.plain, 'P3', duellist('guest'))).rejects.toMatchObject({
      code: 'no-such-role',
      message: `"P3" is not one player of the recording; there are P1 (${duelMacs.host}), P2 (${duelMacs.guest})`,
    });
  });
});

describe('where it listens', () => {
  it('says in one line that a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const play = playFor(files.plain, 'P2', duellist('guest'), { game: { listen: port } });
    await expect(play).rejects.toMatchObject({
      kind: 'outside',
      message: expect.stringContaining(`${port}`) as string,
    });
    taken.close();
  });
});

describe('four players who come and go', () => {
  it('are played for one of them, whoever it is', async () => {
    const { file } = await recordPlay(meshPlay);
    for (const n of [1, 2, 3, 4]) {
      const { verdict } = await playFor(file, `P${n}`, (ports) => playPart(file, player(n).mac, ports), {
        patienceMs: 2000,
      });
      expect(told(verdict), `P${n}`).toEqual(same);
      expect(verdict.counts.equal, `P${n}`).toBeGreaterThan(70);
    }
  }, 60_000);
});
