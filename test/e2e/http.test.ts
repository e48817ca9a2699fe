/** HTTP of the built program: what it tells, what it is told, and that it never stands in the way of the relay. */
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HttpServer, type HttpServerOptions } from '../../dist/dashboard/http-server.js';
import { RESTARTS_MAX } from '../../dist/dashboard/server/limits.js';
import { captures, frames } from '../kit/capture-checks.ts';
import { figures } from '../kit/figures.ts';
import { FREE_PORTS, PROGRAM, run, startRelay, temporaryFolder, type RunningRelay } from '../kit/program.ts';
import { connect, login, person, type Person } from '../kit/adhocctl-wire.ts';
import { type Address, Client, init, Init, pdp, player, ptp, streamPair } from '../kit/socket-client.ts';

const url = (relay: RunningRelay, path: string) => `http://127.0.0.1:${relay.http}${path}`;

/** Lists players at this machine, each group with the players of these numbers. */
async function list(relay: RunningRelay, groups: Address[][], headers: Record<string, string> = {}) {
  const players = (group: Address[]) => group.map(({ mac }) => ({ mac_addr: mac, ip_addr: '127.0.0.1' }));
  const response = await fetch(url(relay, '/game_list_sync'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ games: [{ groups: groups.map((group) => ({ players: players(group) })) }] }),
  });
  return { status: response.status, body: await response.json() };
}

/** Sends itself a datagram: what comes back shows that the relay has let it in. */
async function plays(client: Client, self: Address): Promise<boolean> {
  client.send(pdp(self, 'hello'));
  return (await client.take(19)).length === 19;
}

const [ann, bob, eve] = [player(1), player(2), player(3)] as [Address, Address, Address];
describe('GET', () => {
  test('/ says what this is, and /data.json who plays', async () => {
    const relay = await startRelay();
    const client = await Client.open(relay.port, Init.pdp, ann);
    expect(await plays(client, ann)).toBe(true);
    expect(await (await fetch(url(relay, '/'))).text()).toMatch(/^Postreel \d.*\/data\.json/);
    const response = await fetch(url(relay, '/data.json'), {
      headers: { origin: 'https://elsewhere.example' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    // Who has not said at a control server what it plays is in no game.
    expect(await response.json()).toEqual({ games: [] });
  });
});

describe('with the control server of this relay', () => {
  async function logIn(relay: RunningRelay, who: Person, group?: string): Promise<Client> {
    const client = new Client(relay.ports['adhocctl'] as number);
    await client.connected();
    client.send(login(who));
    if (group !== undefined) client.send(connect(group));
    return client;
  }
  const annLoggedIn = person(ann.mac.replaceAll(':', ''), 'Ann', 'ULES01213');
  const bobLoggedIn = person(bob.mac.replaceAll(':', ''), 'Bob', 'ULUS10391');

  test('/data.json tells who plays what with whom, by the table of games', async () => {
    const file = join(temporaryFolder(), 'games.json');
    writeFileSync(file, '{"crosslinks": {"ULES01213": "ULUS10391"}, "names": {"ULUS10391": "Monsters"}}');
    const relay = await startRelay(['--game-db', file]);
    const first = await logIn(relay, annLoggedIn, 'room');
    await first.take(7);
    await logIn(relay, bobLoggedIn);
    const socket = await Client.open(relay.port, Init.pdp, ann);
    const listener = await Client.open(relay.port, Init.listen, { ...ann, port: 80 });
    expect(await plays(socket, ann)).toBe(true);
    const users = [{ name: 'Ann', pdp_ports: [ann.port], ptp_ports: [80] }];
    const groups = [{ name: 'room', channel: 11, usercount: 1, users }];
    const game = { game_ids: ['ULUS10391', 'ULES01213'], name: 'Monsters', usercount: 2, groups };
    const told = async () => (await fetch(url(relay, '/data.json'))).json();
    await expect.poll(told, { timeout: 5_000 }).toEqual({ games: [game] });
    listener.end();
    first.end();
    await expect.poll(told, { timeout: 5_000 }).toEqual({ games: [{ ...game, usercount: 1, groups: [] }] });
  });

  test('no other may say who is logged in', async () => {
    const relay = await startRelay();
    const { status, body } = await list(relay, [[ann]]);
    expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('--no-adhocctl')]);
  });

  test('whom --adhocctl-p2p cannot serve is told to the operator', async () => {
    const relay = await startRelay(['--adhocctl-p2p', '--host', '::']);
    const client = new Client(relay.ports['adhocctl'] as number, '::1');
    await client.connected();
    client.send(login(annLoggedIn));
    expect(await client.rest()).toHaveLength(0);
    await expect.poll(() => relay.stderr()).toMatch(/WARN: connection \d+ from \[::1\]:\d+ closed: .*IPv6/);
  });

  test('--guard group lets two friends play, and one with a stolen MAC address from elsewhere gets nothing', async () => {
    const relay = await startRelay(['--guard', 'group', '--host', '127.0.0.1']);
    await logIn(relay, annLoggedIn, 'room');
    // Linked or not, players of one code share groups; here both play the same.
    await logIn(relay, { ...bobLoggedIn, product: annLoggedIn.product }, 'room');
    const thief = new Client(relay.port, '127.0.0.1', '127.0.0.2');
    await thief.connected();
    thief.send(init(Init.pdp, { ...ann, port: 9 }));
    const a = await Client.open(relay.port, Init.pdp, ann);
    const b = await Client.open(relay.port, Init.pdp, bob);
    expect(await plays(a, ann)).toBe(true);
    expect(await plays(b, bob)).toBe(true);
    a.send(pdp(bob, 'hello Bob'));
    expect((await b.datagram()).payload.toString()).toBe('hello Bob');
    const [connector, acceptor] = await streamPair(relay.port, { ...ann, port: 7 }, { ...bob, port: 8 });
    connector.send(ptp('a stream'));
    expect((await acceptor.take(12)).toString()).toContain('a stream');
    b.send(pdp({ ...ann, port: 9 }, 'to the thief'));
    thief.send(pdp(bob, 'from the thief'));
    expect(await thief.rest()).toHaveLength(0);
    expect(await plays(b, bob)).toBe(true);
  });
});

describe('a guard that is fed by another control server', () => {
  const start = (guard: string, ...more: string[]) =>
    startRelay(['--no-adhocctl', '--guard', guard, ...more]);

  test('lets in who is listed, also a little later, and nobody else', async () => {
    const file = join(temporaryFolder(), 'guarded.db');
    const relay = await start('login', '--record', file);
    const early = await Client.open(relay.port, Init.pdp, bob);
    const stranger = await Client.open(relay.port, Init.pdp, eve);
    const since = performance.now();
    expect(await list(relay, [[ann, bob]])).toEqual({ status: 200, body: { players: 2 } });
    const listed = await Client.open(relay.port, Init.pdp, ann);
    expect(await plays(listed, ann)).toBe(true);
    expect(await plays(early, bob)).toBe(true);
    listed.send(pdp(bob, 'hello'));
    expect((await early.datagram()).payload.toString()).toBe('hello');
    expect(await stranger.rest()).toHaveLength(0);
    expect(performance.now() - since).toBeGreaterThan(1_900);
    expect((await relay.stop()).code).toBe(0);
    expect((await captures(file))[0]).toMatchObject({ ended: 'clean', gaps: 0 });
    expect((await frames(file)).filter((line) => line.outcome === 'forwarded')).toHaveLength(3);
  });

  test('ends the sessions of who is taken off the list within a second, and lets the others be', async () => {
    const relay = await start('login');
    await list(relay, [[ann, bob]]);
    const stays = await Client.open(relay.port, Init.pdp, ann);
    const leaves = await Client.open(relay.port, Init.pdp, bob);
    expect(await plays(stays, ann)).toBe(true);
    expect(await plays(leaves, bob)).toBe(true);
    const since = performance.now();
    await list(relay, [[ann]]);
    await leaves.rest();
    expect(performance.now() - since).toBeLessThan(1_000);
    expect(await plays(stays, ann)).toBe(true);
  });

  test('lets only members of one group talk to each other', async () => {
    const relay = await start('group');
    await list(relay, [[ann, bob], [eve]]);
    const clients = [];
    for (const each of [ann, bob, eve]) {
      const client = await Client.open(relay.port, Init.pdp, each);
      expect(await plays(client, each)).toBe(true);
      clients.push(client);
    }
    const [a, b, e] = clients as [Client, Client, Client];
    e.send(pdp(ann, 'from Eve'));
    expect(await plays(e, eve)).toBe(true);
    b.send(pdp(ann, 'from Bob'));
    expect((await a.datagram()).payload.toString()).toBe('from Bob');
  });

  test('takes lists from who names the token, and from nobody else', async () => {
    const relay = await start('login', '--http-token', 'open-sesame-1');
    expect((await list(relay, [[ann]])).status).toBe(401);
    expect((await list(relay, [[ann]], { authorization: 'Bearer open-sesame-2' })).status).toBe(401);
    expect((await list(relay, [[ann]], { authorization: 'Bearer open-sesame-1' })).status).toBe(200);
    const { stdout, stderr } = await relay.stop();
    expect(stdout + stderr).not.toContain('open-sesame');
  });
});

describe('starting and stopping', () => {
  test('a port that is taken is one line and exit code 3, before anybody can play', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const file = join(temporaryFolder(), 'x.db');
    const ended = await run([
      'relay',
      '--ready-json',
      ...FREE_PORTS,
      '--http',
      String(port),
      '--record',
      file,
    ]);
    server.close();
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toMatch(
      new RegExp(`^postreel: http cannot listen on 127.0.0.1 port ${port}: .*\\n$`),
    );
    expect((await captures(file)).map(({ ended: how, connections }) => [how, connections])).toEqual([
      ['clean', 0],
    ]);
  });

  test('a table of games that is wrong is one line with its place, and exit code 2', async () => {
    const file = join(temporaryFolder(), 'games.json');
    writeFileSync(file, '{\n"crosslinks": {\n"ULES01213": "nothing"}}');
    const ended = await run(['relay', '--game-db', file, ...FREE_PORTS]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^postreel: .*games\.json:3: "ULES01213" is linked to .*\n$/);
  });

  test('--no-http opens no port', async () => {
    const relay = await startRelay(['--no-http']);
    expect(relay.http).toBe(0);
    expect((await relay.stop()).stdout).toContain('"http":null');
  });

  test('whoever hangs on to HTTP does not hold up the end', async () => {
    const relay = await startRelay();
    const idle = new Client(relay.http);
    await idle.connected();
    idle.send(Buffer.from('GET /data.json HTTP/1.1\r\nhost: x\r\n'));
    await fetch(url(relay, '/data.json'));
    const since = performance.now();
    expect((await relay.stop()).code).toBe(0);
    expect(performance.now() - since).toBeLessThan(1_500);
  });
});

describe('the thread', () => {
  async function start(relay: Partial<Parameters<typeof HttpServer.start>[0]> = {}) {
    const troubles: [text: string, isOver: boolean][] = [];
    const options: HttpServerOptions = {
      host: '127.0.0.1',
      port: 0,
      token: null,
      listToken: null,
      cookieKey: 'key',
      version: 'test',
      hasControlServer: true,
      file: null,
      program: PROGRAM,
      onTrouble: (text, isOver) => void troubles.push([text, isOver]),
    };
    const census = () => ({ games: [], sockets: [] });
    const http = await HttpServer.start({ census, figures, listPlayers: () => undefined, ...relay }, options);
    return { http, troubles, get: (path: string) => fetch(`http://127.0.0.1:${http.address.port}${path}`) };
  }

  test('that dies is started again, on the same port, until it has died too often', async () => {
    const { http, troubles, get } = await start();
    const { port } = http.address;
    for (let death = 1; death <= RESTARTS_MAX; death++) {
      await http.worker?.terminate();
      await expect
        .poll(() => http.worker !== null && troubles.length === death, { timeout: 10_000 })
        .toBe(true);
      await expect
        .poll(
          () =>
            get('/').then(
              ({ status }) => status,
              () => 0,
            ),
          { timeout: 10_000 },
        )
        .toBe(200);
      expect(http.address.port).toBe(port);
    }
    await http.worker?.terminate();
    await expect.poll(() => troubles.length).toBe(RESTARTS_MAX + 1);
    expect(troubles.map(([, isOver]) => isOver)).toEqual([false, false, false, true]);
    expect(http.worker).toBeNull();
    await http.stop();
  });

  test('that is stopped stays stopped', async () => {
    const { http, troubles, get } = await start();
    await http.stop();
    await expect(get('/')).rejects.toThrow();
    expect(troubles).toEqual([]);
  });

  test('asks the relay, and tells the sockets of players alone', async () => {
    const mac = '02:aa:bb:cc:dd:01';
    const players = [{ endpoint: mac, nickname: 'Ann', group: 'g' }];
    const sockets = [
      { role: 'pdp', endpoint: `${mac}/5` },
      { role: 'ptp-listen', endpoint: `${mac}/6` },
      // Elsewhere an endpoint is a name, which its player chooses.
      { role: 'named', endpoint: `x\npdp ${mac}/9` },
    ];
    let asked = 0;
    const { http, get } = await start({
      census: () => {
        asked++;
        return { games: [{ codes: ['ULUS10391'], name: 'One', players }], sockets };
      },
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await get('/data.json')).text()),
    );
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0] as string)).toMatchObject({
      games: [{ groups: [{ users: [{ name: 'Ann', pdp_ports: [5], ptp_ports: [6] }] }] }],
    });
    // Twice, if the machine was so slow that a second went by.
    expect(asked).toBeLessThanOrEqual(2);
    await http.stop();
  });

  test('says so where the relay is told by itself who is logged in', async () => {
    const { http } = await start();
    const response = await fetch(`http://127.0.0.1:${http.address.port}/game_list_sync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"games":[]}',
    });
    expect(response.status).toBe(409);
    await http.stop();
  });
});
