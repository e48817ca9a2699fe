/** Each rule of GATE.PUNCH, as a conversation. */
import { describe, expect, test } from 'vitest';
import { GatepunchHub, type GatepunchSettings, WAIT_MS } from '../../../protocol/gatepunch/hub.ts';
import { gatepunch, HALF_COMMAND_MS } from '../../../protocol/gatepunch/index.ts';
import { LINE_BYTES_MAX } from '../../../protocol/gatepunch/layout.ts';
import { PORT_KEPT_MS } from '../../../protocol/gatepunch/ports.ts';
import { BENCH_UNIX_MS } from '../../kit/bench-top.ts';
import {
  command,
  gameMaker,
  headed,
  introduced,
  lobby,
  lobby2,
  notFound,
  reg2,
  said,
} from '../../kit/gatepunch-wire.ts';
import { type Client, type Script, transcript } from '../../kit/transcript.ts';

const SERVER = '198.51.100.7';
const CLIENT = '203.0.113.9';
const OTHER = '192.0.2.77';
const START = BENCH_UNIX_MS / 1000;
const S = 1000;

function made(settings: Partial<GatepunchSettings>): typeof gatepunch {
  const all = { lobby: true, testing: false, name: 'Test', ...settings };
  return { ...gatepunch, createHub: (context) => new GatepunchHub(context, all) };
}

/** A server that has registered both ways. */
function serverOf({ client, datagrams }: Script, ip = SERVER, port = 6510): Client {
  datagrams(`server’s UDP ${ip}`, ip, port).sends(command('reg'));
  return client(`server ${ip}`, ip).sends(command('reg'));
}

describe('an introduction', () => {
  test('names each one’s UDP address to the other, by TCP', () =>
    transcript(gatepunch, (script) => {
      const server = serverOf(script, SERVER, 50_001);
      script.datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      const client = script.client('client', CLIENT).sends(command('connect', SERVER));
      client.hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));

  test('takes each line with a NUL after it, and datagrams with the header of GameMaker', () =>
    transcript(gatepunch, ({ client, datagrams }) => {
      datagrams('server’s UDP', SERVER, 50_001).sends(headed(gameMaker('reg')));
      const server = client('server', SERVER).sends(
        gameMaker('reg2', '1.2.0', ...'a b c d e f g h'.split(' ')),
      );
      datagrams('client’s UDP', CLIENT, 50_002).sends(headed(gameMaker('connect')));
      const asking = client('client', CLIENT).sends(gameMaker('connect', SERVER));
      asking.hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));

  test('takes lines in any pieces, and control characters wherever they stand in a line', () =>
    transcript(gatepunch, ({ client, datagrams }) => {
      datagrams('server’s UDP', SERVER, 50_001).sends(command('\0r\re\x01g'));
      const server = client('server', SERVER).trickles(command('\0\0re\x7fg\r'));
      datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect\0'));
      const asking = client('client', CLIENT).trickles(command('\0connect\r', `\x02${SERVER}\0`));
      asking.hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));

  test('waits for the client’s packet where that comes later', () =>
    transcript(gatepunch, (script) => {
      const server = serverOf(script, SERVER, 50_001);
      const client = script.client('client', CLIENT).sends(command('connect', SERVER));
      script.at(0.999);
      script.nothing();
      script.datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      client.hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));

  test('waits for the server’s packet in the same way', () =>
    transcript(gatepunch, ({ client, datagrams, nothing }) => {
      const server = client('server', SERVER).sends(command('reg'));
      datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      const asking = client('client', CLIENT).sends(command('connect', SERVER));
      nothing();
      datagrams('server’s UDP', SERVER, 50_001).sends(command('reg'));
      asking.hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));

  test.each([
    ['client', (script: Script) => serverOf(script)],
    ['server', ({ client }: Script) => client('server', SERVER).sends(command('reg'))],
  ])('waits for the %s’s packet no longer than a second', (_, begin) =>
    transcript(gatepunch, (script) => {
      begin(script);
      const client = script.client('client', CLIENT).sends(command('connect', SERVER));
      script.at(WAIT_MS / S - 0.001);
      script.nothing();
      script.at(WAIT_MS / S);
      client.hears(notFound);
      script.at(60);
    }),
  );

  test('is refused at once where there is no such server, or one that came by UDP alone', () =>
    transcript(gatepunch, ({ client, datagrams }) => {
      datagrams('client’s UDP', CLIENT).sends(command('connect'));
      const asking = client('client', CLIENT).sends(command('connect', SERVER)).hears(notFound);
      datagrams('server’s UDP', SERVER).sends(command('reg'));
      asking.sends(command('connect', SERVER)).hears(notFound);
      asking.sends(command('connect', '')).hears(notFound);
    }));

  test('is refused where the server’s TCP has ended, also while the client waits', () =>
    transcript(gatepunch, (script) => {
      serverOf(script).ends();
      const early = script.client('early', CLIENT).sends(command('connect', SERVER)).hears(notFound);
      const server = serverOf(script);
      early.sends(command('connect', SERVER));
      server.breaks();
      early.hears(notFound);
    }));

  test('forgets the client’s packet: the next question needs another one', () =>
    transcript(gatepunch, (script) => {
      const server = serverOf(script, SERVER, 50_001);
      const knocking = script.datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      const client = script.client('client', CLIENT).sends(command('connect', SERVER));
      client.hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
      client.sends(command('connect', SERVER));
      script.at(1);
      client.hears(notFound);
      // The refusal forgot what came before it as well.
      knocking.sends(command('connect'));
      client.sends(command('connect', OTHER)).hears(notFound);
      client.sends(command('connect', SERVER));
      script.at(2);
      client.hears(notFound);
      knocking.sends(command('connect'));
      client.sends(command('connect', SERVER)).hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));

  test('is for the newest question of a client that asks again while it waits', () =>
    transcript(gatepunch, (script) => {
      const server = serverOf(script, SERVER, 50_001);
      const other = serverOf(script, OTHER, 50_003);
      const client = script.client('client', CLIENT).sends(command('connect', SERVER));
      client.sends(command('connect', OTHER));
      script.datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      client.hears(introduced(OTHER, 50_003));
      other.hears(introduced(CLIENT, 50_002));
      server.sends(command('ping'));
    }));

  test('takes one packet for each of two clients that wait behind one address', () =>
    transcript(gatepunch, (script) => {
      const server = serverOf(script, SERVER, 50_001);
      const [one, two] = ['one', 'two'].map((name) =>
        script.client(name, CLIENT).sends(command('connect', SERVER)),
      );
      script.datagrams('one’s UDP', CLIENT, 50_002).sends(command('connect'));
      one!.hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
      script.datagrams('two’s UDP', CLIENT, 50_003).sends(command('connect'));
      two!.hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_003));
    }));

  test('works between two players behind one address', () =>
    transcript(gatepunch, (script) => {
      const server = serverOf(script, SERVER, 50_001);
      script.datagrams('client’s UDP', SERVER, 50_002).sends(command('connect'));
      const client = script.client('client', SERVER).sends(command('connect', SERVER));
      client.hears(introduced(SERVER, 50_001));
      server.hears(introduced(SERVER, 50_002));
      script.players(1);
    }));

  test('names the newest UDP port of each', () =>
    transcript(gatepunch, (script) => {
      const server = serverOf(script, SERVER, 50_001);
      script.datagrams('server’s UDP again', SERVER, 50_011).sends(command('reg'));
      script.datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      script.datagrams('client’s UDP again', CLIENT, 50_012).sends(command('connect'));
      const client = script.client('client', CLIENT).sends(command('connect', SERVER));
      client.hears(introduced(SERVER, 50_011));
      server.hears(introduced(CLIENT, 50_012));
    }));

  test('is of a client that may be gone before its packet comes', () =>
    transcript(gatepunch, (script) => {
      serverOf(script);
      script.client('client', CLIENT).sends(command('connect', SERVER)).ends();
      script.datagrams('client’s UDP', CLIENT).sends(command('connect'));
      script.at(2);
    }));
});

describe('a registration', () => {
  test('by UDP alone is not listed, and is forgotten after a while', () =>
    transcript(gatepunch, ({ client, datagrams, at }) => {
      datagrams('server’s UDP', SERVER, 50_001).sends(command('reg'));
      const asking = client('client', CLIENT).sends(lobby2()).hears(lobby());
      at(PORT_KEPT_MS / S);
      const server = client('server', SERVER).sends(command('reg'));
      datagrams('client’s UDP', CLIENT).sends(command('connect'));
      asking.sends(command('connect', SERVER));
      at(PORT_KEPT_MS / S + 1);
      asking.hears(notFound);
      server.sends(command('ping'));
    }));

  test('may come by TCP a good while after that by UDP', () =>
    transcript(gatepunch, ({ client, datagrams, at }) => {
      datagrams('server’s UDP', SERVER, 50_001).sends(command('reg'));
      at(PORT_KEPT_MS / S - 1);
      const server = client('server', SERVER).sends(command('reg'));
      // From then on it is kept for as long as the server is there.
      at(10 * (PORT_KEPT_MS / S));
      datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      client('client', CLIENT).sends(command('connect', SERVER)).hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));

  test('shows eight strings and the second in which it was made, in this order of keys', () =>
    transcript(gatepunch, ({ client, at }) => {
      at(12.7);
      const data = ['Ann’s game', '2', '', 'x', '', '', '', 'last'];
      client('server', SERVER).sends(reg2('1.2.0', ...data));
      client('old server', OTHER).sends(command('reg'));
      const asking = client('client', CLIENT).sends(lobby2());
      asking.hears(
        lobby({ ip: SERVER, data, createdTime: START + 12 }, { ip: OTHER, createdTime: START + 12 }),
      );
    }));

  test.each(['1.2.0', '1.2', '1.2.0.0', '1.2.1', '1.10.0', '2', '2.0.0', '10.0.0'])(
    'takes version %s',
    (version) =>
      transcript(gatepunch, ({ client }) => {
        client('server', SERVER).sends(reg2(version));
        client('client', CLIENT)
          .sends(lobby2())
          .hears(lobby({ ip: SERVER, createdTime: START }));
      }),
  );

  test.each([
    '1.1.9',
    '1.1.99',
    '1',
    '0.9.9',
    '1.1',
    '',
    'new',
    '1.2.x',
    '1..2',
    '-2',
    '1.2.0 ',
    '2,0',
    '1e9',
  ])('closes the connection over version "%s", by name', (version) =>
    transcript(gatepunch, ({ client }) => {
      client('server', SERVER).sends(reg2(version)).isClosed('old-version');
      client('client', CLIENT).sends(lobby2()).hears(lobby());
    }),
  );

  test('may be made anew by the same connection: it says something else, and stays as old as it was', () =>
    transcript(gatepunch, ({ client, datagrams, at }) => {
      datagrams('server’s UDP', SERVER, 50_001).sends(command('reg'));
      const server = client('server', SERVER).sends(reg2('1.2.0', 'one player'));
      at(60);
      server.sends(reg2('1.2.0', 'two players'));
      const asking = client('client', CLIENT).sends(lobby2());
      asking.hears(lobby({ ip: SERVER, data: ['two players'], createdTime: START }));
      datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      asking.sends(command('connect', SERVER)).hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));

  test('of the same address by another connection takes the place of the older one, which may end later', () =>
    transcript(gatepunch, ({ client, at }) => {
      const older = client('older', SERVER).sends(reg2('1.2.0', 'older'));
      at(1);
      const newer = client('newer', SERVER).sends(reg2('1.2.0', 'newer'));
      const listed = lobby({ ip: SERVER, data: ['newer'], createdTime: START + 1 });
      const asking = client('client', CLIENT).sends(lobby2()).hears(listed);
      older.ends();
      asking.sends(lobby2()).hears(listed);
      newer.ends();
      asking.sends(lobby2()).hears(lobby());
    }));

  test('of a game behind the same address does not get the other’s UDP port', () =>
    transcript(gatepunch, (script) => {
      serverOf(script, SERVER, 50_001);
      const newer = script.client('newer', SERVER).sends(command('reg'));
      script.datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      const client = script.client('client', CLIENT).sends(command('connect', SERVER));
      script.nothing();
      script.datagrams('newer’s UDP', SERVER, 50_003).sends(command('reg'));
      client.hears(introduced(SERVER, 50_003));
      newer.hears(introduced(CLIENT, 50_002));
    }));

  test('gets its own UDP port where that came before the older one had ended', () =>
    transcript(gatepunch, (script) => {
      const older = serverOf(script, SERVER, 50_001);
      script.datagrams('newer’s UDP', SERVER, 50_003).sends(command('reg'));
      older.ends();
      const newer = script.client('newer', SERVER).sends(command('reg'));
      script.datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      script.client('client', CLIENT).sends(command('connect', SERVER)).hears(introduced(SERVER, 50_003));
      newer.hears(introduced(CLIENT, 50_002));
    }));

  test('goes with the UDP port that it had', () =>
    transcript(gatepunch, (script) => {
      serverOf(script, SERVER, 50_001).ends();
      script.client('newer', SERVER).sends(command('reg'));
      script.datagrams('client’s UDP', CLIENT).sends(command('connect'));
      const client = script.client('client', CLIENT).sends(command('connect', SERVER));
      script.at(1);
      client.hears(notFound);
    }));

  test('is kept alive by pings, which are not answered, and needs none', () =>
    transcript(gatepunch, ({ client, at }) => {
      client('server', SERVER).sends(command('reg'), command('ping'), gameMaker('ping'));
      at(86_400);
      client('client', CLIENT)
        .sends(lobby2())
        .hears(lobby({ ip: SERVER, createdTime: START }));
    }));
});

describe('a lobby', () => {
  function three({ client, at }: Script): { ip: string; data: string[]; createdTime: number }[] {
    return [
      { ip: '192.0.2.1', data: ['race', 'b'], createdTime: START },
      { ip: '192.0.2.2', data: ['race', 'a'], createdTime: START + 1 },
      { ip: '192.0.2.3', data: ['chess', 'c'], createdTime: START + 2 },
    ].map((server) => {
      at(server.createdTime - START);
      client(server.data.join(' '), server.ip).sends(reg2('1.2.0', ...server.data));
      return server;
    });
  }

  test.each([
    [{}, [0, 1, 2]],
    [{ filters: { 1: 'race' } }, [0, 1]],
    [{ filters: { 1: 'race', 2: 'a' } }, [1]],
    [{ filters: { 1: 'rac' } }, []],
    [{ filters: { 1: 'Race' } }, []],
    [{ filters: { 8: 'race' } }, []],
    [{ sort: 'date', order: 'DESC' }, [0, 1, 2]],
    [{ sort: 'date', order: 'ASC' }, [2, 1, 0]],
    [{ sort: 'data2', order: 'DESC' }, [1, 0, 2]],
    [{ sort: 'data2', order: 'ASC' }, [2, 0, 1]],
    [{ sort: 'data1', order: 'DESC' }, [2, 0, 1]],
    // Of equals the older one comes first, either way.
    [{ sort: 'data1', order: 'ASC' }, [0, 1, 2]],
    [{ sort: 'data3', order: 'ASC' }, [0, 1, 2]],
    [{ order: 'ASC' }, [2, 1, 0]],
    [{ sort: 'data9', order: 'ASC' }, [2, 1, 0]],
    [{ sort: 'ip', order: 'asc' }, [0, 1, 2]],
    [{ sort: 'data2' }, [1, 0, 2]],
    [{ limit: '2' }, [0, 1]],
    [{ limit: '2', order: 'ASC' }, [2, 1]],
    [{ limit: '0' }, []],
    [{ limit: '3000000000' }, [0, 1, 2]],
    [{ limit: '-1' }, [0, 1, 2]],
    [{ limit: '1.5' }, [0, 1, 2]],
    [{ limit: 'many' }, [0, 1, 2]],
  ] as const)('asked with %j shows %j', (query, wanted) =>
    transcript(gatepunch, (script) => {
      const servers = three(script);
      const asking = script.client('client', CLIENT).sends(lobby2(query));
      asking.hears(lobby(...wanted.map((i) => servers[i]!)));
    }),
  );

  test('is JSON in one line, whatever games tell', () =>
    transcript(gatepunch, ({ client, top }) => {
      const data = ['"', '\\n', ']}', '\u2028', '\u{1f3ae}', '<b>', 'ÿ', '\u0085'];
      client('server', SERVER).sends(reg2('1.2.0', ...data));
      client('odd', OTHER).sends(
        command('reg2', '1.2.0'),
        Uint8Array.of(0xff, 0xc0, 0x41, 0x00, 0x07, 0x0a),
        command('', '', '', '', '', '', ''),
      );
      const asking = client('client', CLIENT).sends(lobby2());
      asking.hears(
        lobby(
          { ip: SERVER, data, createdTime: START },
          { ip: OTHER, data: ['\ufffd\ufffdA'], createdTime: START },
        ),
      );
      const last = top.happenings.at(-1);
      const text = last?.what === 'sent' ? Buffer.from(last.bytes.subarray(1)).toString() : '';
      expect(text.indexOf('\n')).toBe(text.length - 1);
      expect((JSON.parse(text) as { data1: string }[])[0]?.data1).toBe('"');
    }));

  test('that is turned off is empty, and introductions go on', () =>
    transcript(made({ lobby: false }), (script) => {
      const server = serverOf(script, SERVER, 50_001);
      script.datagrams('client’s UDP', CLIENT, 50_002).sends(command('connect'));
      const client = script.client('client', CLIENT).sends(lobby2()).hears(lobby());
      client.sends(command('connect', SERVER)).hears(introduced(SERVER, 50_001));
      server.hears(introduced(CLIENT, 50_002));
    }));
});

describe('the relay itself', () => {
  test('tells its version', () =>
    transcript(gatepunch, ({ client }) => {
      client('client').sends(command('version')).hears(said('\xf6', '1.2.0\n'));
    }));

  test('is not for tests', () =>
    transcript(gatepunch, ({ client }) => {
      client('client').sends(command('istesting')).hears(said('\xf8\0'));
      client('client').sends(command('testinginfos')).hears(said('\xf7\0'));
    }));

  test('is for tests, where that is wanted', () =>
    transcript(made({ testing: true, name: 'Ann’s' }), ({ client }) => {
      client('client').sends(command('istesting')).hears(said('\xf8\x01'));
      client('client')
        .sends(command('testinginfos'))
        .hears(Uint8Array.from(Buffer.concat([Buffer.of(0xf7), Buffer.from('Ann’s\n1.2.0\n1.2.0\n')])));
    }));
});

describe('what is no command', () => {
  test('is ignored, line by line', () =>
    transcript(gatepunch, ({ client }) => {
      const ann = client('ann').sends(command('hello', 'REG', 'reg 2', 'lobby'));
      ann.saw('ignored', 'ignored', 'ignored', 'ignored');
      ann.sends(command('version')).hears(said('\xf6', '1.2.0\n'));
    }));

  test.each([LINE_BYTES_MAX + 1, 4 * LINE_BYTES_MAX])(
    'closes the connection with a line of %i bytes',
    (length) =>
      transcript(gatepunch, ({ client }) => {
        client('ann')
          .sends(command('x'.repeat(LINE_BYTES_MAX)))
          .saw('ignored');
        client('bob')
          .sends(command('x'.repeat(length)))
          .isClosed('line-too-long');
        client('eve')
          .trickles(command('reg2', '1.2.0', 'x'.repeat(length)))
          .isClosed('line-too-long');
      }),
  );

  test('by UDP ends nothing, and nothing is answered', () =>
    transcript(gatepunch, ({ datagrams, client }) => {
      const ann = datagrams('ann', SERVER, 50_001);
      for (const bytes of [
        command('lobby2'),
        command('ping'),
        command(''),
        said('reg'),
        said('x'.repeat(2000)),
      ])
        ann.sends(bytes, command('version'));
      ann.sends(headed(headed(command('reg'))));
      ann.sends(command('reg'));
      ann.isKnownAs('server', SERVER, '');
      client('server', SERVER).sends(command('reg'));
    }));
});

describe('a command that is half sent', () => {
  test('must be whole within a second of its beginning', () =>
    transcript(gatepunch, ({ client, at, nothing }) => {
      const ann = client('ann').sends(command('version'), said('con')).hears(said('\xf6', '1.2.0\n'));
      at(0.5);
      ann.sends(said('nect\n1'));
      at(HALF_COMMAND_MS / S - 0.001);
      nothing();
      at(HALF_COMMAND_MS / S);
      ann.isClosed('half-command');
    }));

  test('has its second from its own beginning', () =>
    transcript(gatepunch, ({ client, at }) => {
      const ann = client('ann').sends(said('pi'));
      for (const seconds of [0.9, 1.8, 2.7]) {
        at(seconds);
        ann.sends(said('ng\npi'));
      }
      at(3.7);
      ann.isClosed('half-command');
    }));

  test('is not the NUL that GameMaker writes after a command, nor an empty line', () =>
    transcript(gatepunch, ({ client, at }) => {
      const ann = client('ann').sends(gameMaker('ping'));
      const bob = client('bob').sends(command('ping', ''), said('\n\r\n\0'));
      at(3600);
      ann.sends(command('version')).hears(said('\xf6', '1.2.0\n'));
      bob.sends(command('version')).hears(said('\xf6', '1.2.0\n'));
    }));
});

describe('who somebody is', () => {
  test('is said by the first thing that tells it, and an address is one player', () =>
    transcript(gatepunch, ({ client, datagrams, players }) => {
      const server = client('server', SERVER).sends(command('version')).hears(said('\xf6', '1.2.0\n'));
      players(0);
      server.sends(command('reg'));
      server.isKnownAs('server', SERVER, '');
      const knocking = datagrams('server’s UDP', SERVER).sends(headed(command('reg')));
      knocking.isKnownAs('server', SERVER, '');
      players(1);
      const asking = client('client', CLIENT).sends(command('connect', OTHER)).hears(notFound);
      asking.isKnownAs('client', CLIENT, '');
      datagrams('client’s UDP', CLIENT).sends(command('connect'));
      players(2);
      // It stays what it was.
      asking.sends(command('reg'));
      asking.isKnownAs('client', CLIENT, '');
      server.ends();
      players(2);
    }));
});
