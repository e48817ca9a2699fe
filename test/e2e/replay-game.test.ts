/** A game under test, as its authors run it: the built program, and a scripted game in place of an emulator. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { otherOpcode, type Twist, duelMacs, playDuel } from '../kit/game-client.ts';
import { Opcode } from '../kit/matching-wire.ts';
import { duelPlay, recordPlay } from '../kit/plays.ts';
import { launch, run, temporaryFolder } from '../kit/program.ts';

let file = '';
beforeAll(async () => {
  ({ file } = await recordPlay((ports) => duelPlay(ports)));
}, 60_000);

/** Two ports that are free, or were a moment ago. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer().listen(0), createServer().listen(0)] as const;
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port) as [number, number];
  for (const server of servers) server.close();
  return ports;
}

interface Started {
  readonly ports: { readonly postoffice: number; readonly adhocctl: number };
  /** So many times it has waited for a game. */
  waits(times?: number): Promise<void>;
  readonly process: ReturnType<typeof launch>;
}

async function startGame(role: string, ...args: readonly string[]): Promise<Started> {
  const [postoffice, adhocctl] = await freePorts();
  const where = ['--host', '127.0.0.1', '--listen', `${postoffice}`, '--adhocctl', `${adhocctl}`];
  const process = launch(['replay', file, '--play', role, ...where, ...args]);
  return {
    ports: { postoffice, adhocctl },
    process,
    async waits(times = 1) {
      for (let tries = 0; process.output.stderr.split('Start the game').length <= times; tries++) {
        if (tries > 1000) throw new Error(`nobody was waited for: ${process.output.stderr}`);
        await sleep(10);
      }
    },
  };
}

function guest({ ports }: Started, twist?: Twist) {
  const mac = '02:ee:00:00:00:09';
  return playDuel({ role: 'guest', ...ports, mac, patienceMs: 3000, ...(twist && { twist }) });
}

describe('postreel replay --play', () => {
  it.each(['P2', 'gus', duelMacs.guest])(
    'takes a game in the place of %s, and exits with 0',
    async (role) => {
      const started = await startGame(role);
      await started.waits();
      expect(await guest(started)).toMatchObject({ isOver: true });
      const { code, stdout, stderr } = await started.process.ended;
      expect(stderr).toContain('P2 (Gus, 02:00:00:00:0d:02) is the one that is missing');
      expect(stderr).toContain(`tcp 127.0.0.1:${started.ports.postoffice}`);
      expect(stderr).toContain('Change PRO adhoc server IP address');
      expect(stderr).toContain('02:ee:00:00:00:09 is there');
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/same/i) as string });
    },
  );

  it('exits with 1 and names the field where a message is another', async () => {
    const json = join(temporaryFolder(), 'verdict.json');
    const started = await startGame('P2', '--json', json, '--patience', '0.5');
    await started.waits();
    await guest(started, otherOpcode(0, Opcode.cancel));
    const { code, stdout } = await started.process.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('matching.opcode is CANCEL (4) instead of JOIN (2)');
    const verdict = JSON.parse(readFileSync(json, 'utf8')) as {
      outcome: string;
      first: number;
      differences: { field: string }[];
    };
    expect(verdict.outcome).toBe('differs');
    expect(verdict.differences[verdict.first]).toMatchObject({ class: 'changed', field: 'matching.opcode' });
  });

  it('stops with Ctrl-C before a game came, says so, and exits with 130', async () => {
    const started = await startGame('P2');
    await started.waits();
    started.process.child.kill('SIGINT');
    const { code, stdout } = await started.process.ended;
    expect(code).toBe(130);
    expect(stdout).toContain('stopped with Ctrl-C');
  });

  it('waits for a game each time with --repeat', async () => {
    const started = await startGame('P2', '--repeat', '2');
    for (const times of [1, 2]) {
      await started.waits(times);
      await guest(started);
    }
    expect((await started.process.ended).code).toBe(0);
  });

  it.each([
    [
      'somebody who does not play',
      ['--play', 'P7', '--listen', '0', '--adhocctl', '0'],
      /"P7" is not one player/,
    ],
    ['a table of games that is not there', ['--play', 'P2', '--game-db', 'none.json'], /none\.json/],
  ])('refuses %s in one line, and exits with 2', async (_what, args, line) => {
    const { code, stderr } = await run(['replay', file, ...args]);
    expect(code).toBe(2);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(line);
  });

  it('says in one line that its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const where = ['--host', '127.0.0.1', '--listen', `${port}`, '--adhocctl', '0'];
    const { code, stderr } = await run(['replay', file, '--play', 'P2', ...where]);
    taken.close();
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`${port}`);
    expect(code).not.toBe(0);
  });
});
