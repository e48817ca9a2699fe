/** Each rule of the proxy, as a conversation between a client and the server behind it. */
import { expect, test } from 'vitest';
import { dpea } from '../../../protocol/dpea/index.ts';
import { Kind, PAYLOAD_MAX, PAYLOAD_WHOLE_MAX } from '../../../protocol/dpea/layout.ts';
import { kindName } from '../../../protocol/kind.ts';
import { readTrace } from '../../kit/trace.ts';
import { type Client, type Script, transcript } from '../../kit/transcript.ts';

const SERVER = '127.0.0.1:5001';

function packet(type: number, payload: Uint8Array | string = ''): Uint8Array {
  const body = Buffer.from(payload as string);
  return Buffer.concat([header(type, body.length), body]);
}

function header(type: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(type);
  bytes.writeUInt32LE(length, 4);
  return bytes;
}

function pair({ client, dialled }: Script): readonly [Client, Client] {
  const ann = client('ann', '192.0.2.7');
  const server = dialled(SERVER);
  server.answers();
  return [ann, server];
}

const ways = [
  ['what the client says', false],
  ['what the server says', true],
] as const;

test.each(ways)('%s is passed on as it comes', (_, isServer) =>
  transcript(dpea, (script) => {
    const [ann, server] = pair(script);
    const [from, to] = isServer ? [server, ann] : [ann, server];
    from.sends(packet(1, 'Hello!'));
    to.hears(packet(1, 'Hello!'));
    from.sends(packet(2), packet(3, 'x'));
    to.hears(Buffer.concat([packet(2), packet(3, 'x')]));
    from.saw('forwarded', 'forwarded', 'forwarded');
  }),
);

test.each(ways)('%s is passed on byte by byte, whole packet or not', (_, isServer) =>
  transcript(dpea, (script) => {
    const [ann, server] = pair(script);
    const [from, to] = isServer ? [server, ann] : [ann, server];
    const bytes = packet(1, 'ab');
    for (let i = 0; i < bytes.length; i++) {
      from.sends(bytes.slice(i, i + 1));
      to.hears(bytes.slice(i, i + 1));
    }
    from.saw('forwarded');
  }),
);

test('both ends say who they are, once the connection stands', () =>
  transcript(dpea, ({ client, dialled, players }) => {
    const ann = client('ann', '192.0.2.7');
    const server = dialled(SERVER);
    expect([ann.connection.identity, server.connection.identity]).toEqual([null, null]);
    expect(ann.connection.session.state).toBe('waits for the server');
    players(0);
    server.answers();
    ann.isKnownAs('client', '192.0.2.7:40001', SERVER);
    server.isKnownAs('server', SERVER, '192.0.2.7:40001');
    expect(ann.connection.session.state).toBe('is passed on');
    players(1);
  }));

test('an address with colons stands in brackets', () =>
  transcript(dpea, ({ client, dialled }) => {
    const ann = client('ann', '2001:db8::7');
    dialled(SERVER).answers();
    ann.isKnownAs('client', '[2001:db8::7]:40001', SERVER);
  }));

test('each client has a connection to the server of its own', () =>
  transcript(dpea, ({ client, dialled, players }) => {
    const ann = client('ann');
    const first = dialled(SERVER);
    const bob = client('bob');
    const second = dialled(SERVER);
    second.answers();
    first.answers();
    players(2);
    ann.sends(packet(1, 'ann'));
    first.hears(packet(1, 'ann'));
    second.sends(packet(2, 'to bob'));
    bob.hears(packet(2, 'to bob'));
    first.ends();
    ann.hearsEnd();
    bob.sends(packet(1, 'bob'));
    second.hears(packet(1, 'bob'));
  }));

test('a client is not read before its connection stands, and nothing of it is lost', () =>
  transcript(dpea, ({ client, dialled, nothing }) => {
    const ann = client('ann');
    const server = dialled(SERVER);
    ann.sends(packet(1, 'early'), header(2, 4));
    nothing();
    ann.saw();
    server.answers();
    server.hears(Buffer.concat([packet(1, 'early'), header(2, 4)]));
    ann.sends(Buffer.from('late'));
    server.hears(Buffer.from('late'));
    ann.saw('forwarded', 'forwarded');
  }));

test('a server that refuses closes its client, which is told apart from all others', () =>
  transcript(dpea, ({ client, dialled, players }) => {
    const ann = client('ann', '192.0.2.7');
    dialled(SERVER).refuses();
    ann.isClosed('upstream-refused');
    ann.isKnownAs('client', '192.0.2.7:40001', SERVER);
    players(0);
  }));

test('a client that leaves before its server has answered takes that connection with it', () =>
  transcript(dpea, ({ client, dialled }) => {
    const ann = client('ann');
    const server = dialled(SERVER);
    ann.breaks();
    server.isClosed('partner-gone');
  }));

test.each(ways)('an end goes on as an end of one direction: %s', (_, isServer) =>
  transcript(dpea, (script) => {
    const [ann, server] = pair(script);
    const [from, to] = isServer ? [server, ann] : [ann, server];
    from.sends(packet(1, 'last'));
    to.hears(packet(1, 'last'));
    from.ends();
    to.hearsEnd();
    to.sends(packet(2, 'still there'));
    from.hears(packet(2, 'still there'));
    script.players(1);
    to.ends();
    from.hearsEnd();
    script.players(0);
  }),
);

test.each(ways)('a break goes on as a break: %s', (_, isServer) =>
  transcript(dpea, (script) => {
    const [ann, server] = pair(script);
    const [from, to] = isServer ? [server, ann] : [ann, server];
    from.sends(header(1, 100));
    to.hears(header(1, 100));
    from.breaks();
    to.isBroken();
    script.players(0);
  }),
);

test('a proxy waits for nobody: hours of silence change nothing', () =>
  transcript(dpea, (script) => {
    const [ann, server] = pair(script);
    const late = script.client('late');
    const answer = script.dialled(SERVER);
    script.at(86_400);
    ann.sends(packet(1));
    server.hears(packet(1));
    answer.answers();
    late.sends(packet(3));
    answer.hears(packet(3));
  }));

/** What the proxy makes of what one end says. */
function kindsOf(...parts: readonly Uint8Array[]): string[] {
  const kinds: string[] = [];
  const watched: typeof dpea = {
    ...dpea,
    framing: {
      ...dpea.framing,
      classify(mode, view, at, end) {
        const kind = dpea.framing.classify(mode, view, at, end);
        if (kind < Kind.packetDelivered) kinds.push(kindName(dpea, kind));
        return kind;
      },
    },
  };
  transcript(watched, (script) => {
    const [ann, server] = pair(script);
    for (const part of parts) {
      ann.sends(part);
      server.hears(part);
    }
  });
  return kinds;
}

test('a packet is recorded whole up to 256 KiB, and in parts above that', () => {
  const whole = new Uint8Array(PAYLOAD_WHOLE_MAX);
  expect(kindsOf(packet(7, whole), packet(8))).toEqual(['packet', 'packet']);
  const long = new Uint8Array(PAYLOAD_WHOLE_MAX + 1);
  expect(kindsOf(packet(7, long), packet(8))).toEqual(['packet-start', 'packet']);
  expect(kindsOf(header(7, PAYLOAD_MAX), new Uint8Array(100))).toEqual(['packet-start']);
});

test('a length over 64 MiB cannot be dpea: all from there on is raw, and passed on all the same', () => {
  const more = packet(1, 'this would be a packet');
  expect(kindsOf(packet(1), header(7, PAYLOAD_MAX + 1), more, more)).toEqual([
    'packet',
    'raw-start',
    'raw',
    'raw',
  ]);
  expect(kindsOf(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'))).toEqual(['raw-start', 'raw']);
});

test('the real client and the real server hear each other in exactly the pieces in which they spoke', () =>
  transcript(dpea, (script) => {
    const [ann, server] = pair(script);
    for (const { what, bytes } of readTrace('dpea')) {
      if (what === 'in') server.hears((ann.sends(bytes), bytes));
      if (what === 'out') ann.hears((server.sends(bytes), bytes));
    }
    ann.saw('forwarded', 'forwarded', 'forwarded', 'forwarded');
    server.saw('forwarded', 'forwarded', 'forwarded', 'forwarded');
    server.ends();
    ann.hearsEnd();
    ann.ends();
    server.hearsEnd();
  }));
