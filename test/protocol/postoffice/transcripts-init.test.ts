/** How a connection to the postoffice begins, or fails to. */
import { describe, it } from 'vitest';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { address, block, connect, datagram, init, listen, pdpOpen } from '../../kit/postoffice-wire.ts';
import { payload } from '../../kit/bytes.ts';
import { type Script, transcript } from '../../kit/transcript.ts';

const ANN = address('02aabbccdd01', 12345);
const BOB = address('02aabbccdd02', 23456);

function plays(script: (script: Script) => void): () => void {
  return () => transcript(postoffice, script);
}

describe('an init', () => {
  it.each([
    ['-1', -1],
    ['5', 5],
    ['of all ones but the sign', 0x7fffffff],
    ['0 in the wrong byte order', 1 << 24],
  ])('of type %s is refused', (_, type) =>
    transcript(postoffice, ({ client }) => client('eve').sends(init(type, ANN)).isClosed('unknown-init')),
  );

  it(
    'of PDP over UDP is refused with a reason of its own',
    plays(({ client }) => client('eve').sends(init(4, ANN)).isClosed('unreliable-over-tcp')),
  );

  it(
    'is judged by its first four bytes: a browser is refused at once',
    plays(({ client }) => {
      const browser = client('browser');
      browser.sends(Buffer.from('GE')).sends(Buffer.from('T'));
      browser.sends(Buffer.from(' '));
      browser.isClosed('unknown-init');
    }),
  );

  it(
    'that is refused takes everything behind it along',
    plays(({ client }) => {
      const browser = client('browser');
      browser.sends(Buffer.from('GET / HTTP/1.1\r\nHost: example.org\r\n\r\n'));
      browser.isClosed('unknown-init');
      browser.sends(pdpOpen(ANN));
    }),
  );

  it(
    'may arrive in any pieces',
    plays(({ client }) => {
      const ann = client('ann');
      ann.trickles(pdpOpen(ANN), datagram(ANN, payload(3)));
      ann.hears(datagram(ANN, payload(3)));
    }),
  );

  it(
    'is acted on only when it is whole',
    plays(({ client, players }) => {
      const ann = client('ann').sends(pdpOpen(ANN).subarray(0, 23));
      players(0);
      ann.sends(pdpOpen(ANN).subarray(23));
      players(1);
    }),
  );

  it(
    'tells whom the connection speaks for',
    plays(({ client }) => {
      const ann = client('ann').sends(pdpOpen(ANN));
      const bob = client('bob').sends(listen(BOB));
      const cid = client('cid').sends(connect(ANN, BOB));
      bob.hears(Uint8Array.of(0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x01, 0, 0, 0x39, 0x30));
      ann.isKnownAs('pdp', '02:aa:bb:cc:dd:01/12345', '');
      bob.isKnownAs('ptp-listen', '02:aa:bb:cc:dd:02/23456', '');
      cid.isKnownAs('ptp-connect', '02:aa:bb:cc:dd:01/12345', '02:aa:bb:cc:dd:02/23456');
    }),
  );
});

describe('the time for an init', () => {
  it(
    'is over after 20 s, and not a millisecond earlier',
    plays(({ client, at }) => {
      const idle = client('idle');
      at(19.999);
      at(20);
      idle.isClosed('timed-out');
    }),
  );

  it(
    'is not extended by bytes that trickle in',
    plays(({ client, at }) => {
      const slow = client('slow');
      const bytes = pdpOpen(ANN);
      for (let second = 1; second < 20; second++) {
        at(second);
        slow.sends(bytes.subarray(second - 1, second));
      }
      at(20);
      slow.isClosed('timed-out');
    }),
  );

  it(
    'counts from each connection of its own',
    plays(({ client, at }) => {
      const first = client('first');
      at(7);
      const second = client('second');
      at(20);
      first.isClosed('timed-out');
      at(26.999);
      at(27);
      second.isClosed('timed-out');
    }),
  );

  it(
    'is enough for an init that is whole a millisecond before its end',
    plays(({ client, at }) => {
      const slow = client('slow').sends(pdpOpen(ANN).subarray(0, 10));
      at(19.999);
      slow.sends(pdpOpen(ANN).subarray(10));
      at(60);
      slow.sends(datagram(ANN, payload(1))).hears(datagram(ANN, payload(1)));
    }),
  );

  it(
    'is no limit on what follows: open sockets may be silent for a day',
    plays(({ client, at }) => {
      const pdp = client('pdp').sends(pdpOpen(ANN));
      const listener = client('listener').sends(listen(BOB));
      at(86_400);
      pdp.sends(datagram(ANN, payload(1))).hears(datagram(ANN, payload(1)));
      client('connector').sends(connect(ANN, BOB), block(payload(1)));
      listener.hears(Uint8Array.of(0x02, 0xaa, 0xbb, 0xcc, 0xdd, 0x01, 0, 0, 0x39, 0x30));
    }),
  );

  it(
    'runs out in silence for a client that has left',
    plays(({ client, at }) => {
      client('gone').ends();
      client('lost').breaks();
      at(30);
    }),
  );
});

describe('players', () => {
  it(
    'are counted by their MAC address, whatever they have open',
    plays(({ client, players }) => {
      client('nobody yet');
      players(0);
      const pdp = client('pdp').sends(pdpOpen(ANN));
      const listener = client('listener').sends(listen(address(ANN.mac, 1)));
      players(1);
      const other = client('other').sends(pdpOpen(BOB));
      players(2);
      pdp.ends();
      players(2);
      listener.ends();
      players(1);
      other.breaks();
      players(0);
    }),
  );

  it(
    'stay one when a socket is replaced',
    plays(({ client, players }) => {
      const old = client('old').sends(pdpOpen(ANN));
      client('young').sends(pdpOpen(ANN));
      old.isClosed('replaced');
      players(1);
    }),
  );

  it(
    'are two where only the last byte of the address differs',
    plays(({ client, players }) => {
      client('one').sends(pdpOpen(address('02aabbccdd01', 1)));
      client('two').sends(pdpOpen(address('02aabbccdd02', 1)));
      client('three').sends(pdpOpen(address('03aabbccdd01', 1)));
      players(3);
    }),
  );
});
