/** PDP: datagrams, addressed by MAC address and port. */
import { describe, it } from 'vitest';
import { postoffice } from '../../../protocol/postoffice/index.ts';
import { payload } from '../../kit/bytes.ts';
import { address, datagram, datagramHeader, listen, pdpOpen } from '../../kit/postoffice-wire.ts';
import { type Client, type Script, transcript } from '../../kit/transcript.ts';

const ANN = address('02aabbccdd01', 12345);
const BOB = address('02aabbccdd02', 23456);
const CID = address('02aabbccdd03', 34567);

interface Pair extends Script {
  readonly ann: Client;
  readonly bob: Client;
}

/** Two players who have opened their sockets. */
function pair(script: (pair: Pair) => void): () => void {
  return () =>
    transcript(postoffice, (given) => {
      const ann = given.client('ann').sends(pdpOpen(ANN));
      const bob = given.client('bob').sends(pdpOpen(BOB));
      script({ ...given, ann, bob });
    });
}

describe('a datagram', () => {
  it(
    'reaches its receiver with its sender in place of its receiver',
    pair(({ ann, bob }) => {
      ann.sends(datagram(BOB, payload(240)));
      bob.hears(datagram(ANN, payload(240)));
      ann.saw('consumed', 'forwarded');
    }),
  );

  it(
    'is answered the same way',
    pair(({ ann, bob }) => {
      bob.sends(datagram(ANN, payload(3)));
      ann.hears(datagram(BOB, payload(3)));
    }),
  );

  it(
    'leaves with zeros for padding, whatever came in',
    pair(({ client, bob }) => {
      const cid = client('cid').sends(pdpOpen(CID, 0xee));
      cid.sends(datagram(BOB, payload(8), 0xee));
      bob.hears(datagram(CID, payload(8)));
    }),
  );

  it(
    'finds its receiver whatever padding that one opened with',
    pair(({ client, ann }) => {
      const cid = client('cid').sends(pdpOpen(CID, 0xee));
      ann.sends(datagram(CID, payload(8), 0x77));
      cid.hears(datagram(ANN, payload(8)));
    }),
  );

  it(
    'may follow its init in the same segment',
    pair(({ client, bob }) => {
      client('cid').sends(pdpOpen(CID), datagram(BOB, payload(5)), datagram(BOB, payload(6)));
      bob.hears(datagram(CID, payload(5)), datagram(CID, payload(6)));
    }),
  );

  it(
    'may arrive in any pieces',
    pair(({ ann, bob }) => {
      ann.trickles(datagram(BOB, payload(30)), datagram(BOB, payload(31)));
      bob.hears(datagram(ANN, payload(30)), datagram(ANN, payload(31)));
    }),
  );

  it(
    'may be sent to oneself',
    pair(({ ann }) => {
      ann.sends(datagram(ANN, payload(9)));
      ann.hears(datagram(ANN, payload(9)));
    }),
  );

  it(
    'goes to each receiver in turn, in the order in which they were sent',
    pair(({ client, ann, bob }) => {
      const cid = client('cid').sends(pdpOpen(CID));
      ann.sends(datagram(BOB, payload(1)), datagram(CID, payload(2)), datagram(BOB, payload(3)));
      bob.hears(datagram(ANN, payload(1)));
      cid.hears(datagram(ANN, payload(2)));
      bob.hears(datagram(ANN, payload(3)));
    }),
  );

  it(
    'is told apart by port as well as by address',
    pair(({ client, ann }) => {
      const other = client('other').sends(pdpOpen(address(BOB.mac, 1)));
      ann.sends(datagram(address(BOB.mac, 1), payload(2)));
      other.hears(datagram(ANN, payload(2)));
      ann.sends(datagram(address(BOB.mac, 0x100), payload(2)));
      ann.saw('no-target');
    }),
  );

  it.each([
    ['022abbccdd02', 23456],
    ['02aabbcc5d02', 23456],
    ['02aabbccdd82', 23456],
    ['02aabbccdd02', 23457],
    ['02aabbccdd02', 23712],
  ])('is told apart from one to the next door, %s/%i, every time', (mac, port) =>
    pair(({ client, ann, bob }) => {
      const door = address(mac, port);
      const neighbour = client('neighbour').sends(pdpOpen(door));
      for (let round = 0; round < 2; round++) {
        ann.sends(datagram(BOB, payload(2)));
        bob.hears(datagram(ANN, payload(2)));
        ann.sends(datagram(door, payload(3)));
        neighbour.hears(datagram(ANN, payload(3)));
      }
    })(),
  );

  it(
    'to nobody is dropped, and the sender is not told',
    pair(({ ann, bob }) => {
      ann.sends(datagram(CID, payload(10)), datagram(BOB, payload(11)));
      bob.hears(datagram(ANN, payload(11)));
      ann.saw('no-target', 'forwarded');
    }),
  );

  it(
    'to nobody does not wait for somebody',
    pair(({ client, ann }) => {
      ann.sends(datagram(CID, payload(10)));
      const cid = client('cid').sends(pdpOpen(CID));
      ann.sends(datagram(CID, payload(11)));
      cid.hears(datagram(ANN, payload(11)));
    }),
  );

  it(
    'to a PTP listener of that address finds nobody',
    pair(({ client, ann }) => {
      client('listener').sends(listen(CID));
      ann.sends(datagram(CID, payload(10))).saw('no-target');
    }),
  );

  it(
    'to one who has left is dropped',
    pair(({ ann, bob }) => {
      ann.sends(datagram(BOB, payload(1)));
      bob.hears(datagram(ANN, payload(1)));
      bob.ends();
      ann.sends(datagram(BOB, payload(2))).saw('no-target');
    }),
  );

  it(
    'to one who has left and come back arrives',
    pair(({ client, ann, bob }) => {
      ann.sends(datagram(BOB, payload(1)));
      bob.hears(datagram(ANN, payload(1)));
      bob.breaks();
      const again = client('bob again').sends(pdpOpen(BOB));
      ann.sends(datagram(BOB, payload(2)));
      again.hears(datagram(ANN, payload(2)));
    }),
  );
});

describe('the size of a datagram', () => {
  it.each([0, 1, 10_239, 10_240])('may be %i', (size) =>
    pair(({ ann, bob }) => {
      ann.sends(datagram(BOB, payload(size)));
      bob.hears(datagram(ANN, payload(size)));
    })(),
  );

  it.each([10_241, 20_479, 20_480])(
    'of %i would kill the receiver: it is dropped, and nobody is closed',
    (size) =>
      pair(({ ann, bob }) => {
        ann.sends(datagram(BOB, payload(size)), datagram(BOB, payload(1)));
        bob.hears(datagram(ANN, payload(1)));
        ann.saw('too-large', 'forwarded');
      })(),
  );

  it.each([20_481, 0x7fffffff, 0x80000000, 0xffffffff])(
    'of %i closes the sender, from the header alone',
    (size) =>
      pair(({ ann, bob }) => {
        ann.sends(datagramHeader(BOB, size));
        ann.isClosed('too-long');
        bob.sends(datagram(ANN, payload(1))).saw('no-target');
      })(),
  );

  it(
    'is not judged before its header is whole',
    pair(({ ann }) => {
      ann.sends(datagramHeader(BOB, 20_481).subarray(0, 13));
      ann.sends(Uint8Array.of(0)).isClosed('too-long');
    }),
  );

  it(
    'that is too long does not take back what came before it',
    pair(({ ann, bob }) => {
      ann.sends(datagram(BOB, payload(4)), datagramHeader(BOB, 20_481), datagram(BOB, payload(5)));
      bob.hears(datagram(ANN, payload(4)));
      ann.isClosed('too-long');
    }),
  );
});

describe('a second init with the same key', () => {
  it(
    'replaces the first, whose connection is closed',
    pair(({ client, bob }) => {
      const young = client('bob again').sends(pdpOpen(BOB));
      bob.isClosed('replaced');
      young.sends(datagram(BOB, payload(1)));
      young.hears(datagram(BOB, payload(1)));
    }),
  );

  it(
    'gets the datagrams from then on, also from those who had sent to the first',
    pair(({ client, ann, bob }) => {
      ann.sends(datagram(BOB, payload(1)));
      bob.hears(datagram(ANN, payload(1)));
      const young = client('bob again').sends(pdpOpen(BOB));
      bob.isClosed('replaced');
      ann.sends(datagram(BOB, payload(2)));
      young.hears(datagram(ANN, payload(2)));
    }),
  );

  it(
    'is not unseated when the client of the first leaves at last',
    pair(({ client, ann, bob }) => {
      const young = client('bob again').sends(pdpOpen(BOB));
      bob.isClosed('replaced');
      bob.ends();
      ann.sends(datagram(BOB, payload(2)));
      young.hears(datagram(ANN, payload(2)));
    }),
  );

  it(
    'is the same key, whatever the padding',
    pair(({ client, bob }) => {
      client('bob again').sends(pdpOpen(BOB, 0xee));
      bob.isClosed('replaced');
    }),
  );

  it(
    'is replaced in its turn',
    pair(({ client, bob }) => {
      const second = client('second').sends(pdpOpen(BOB));
      bob.isClosed('replaced');
      client('third').sends(pdpOpen(BOB));
      second.isClosed('replaced');
    }),
  );

  it(
    'is of one space: PTP listeners have their own',
    pair(({ client, ann, bob }) => {
      client('listener').sends(listen(BOB));
      ann.sends(datagram(BOB, payload(1)));
      bob.hears(datagram(ANN, payload(1)));
    }),
  );

  it(
    'leaves what the first had sent in the hands of its receivers',
    pair(({ client, ann, bob }) => {
      bob.sends(datagram(ANN, payload(1)), datagramHeader(ANN, 100));
      ann.hears(datagram(BOB, payload(1)));
      client('bob again').sends(pdpOpen(BOB));
      bob.isClosed('replaced');
      bob.sends(payload(100));
    }),
  );
});

describe('a client that does not read', () => {
  /** With its header, the last one makes 512 000 bytes in all. */
  const bodies = [...Array.from({ length: 49 }, () => payload(10_240)), payload(9540)];

  it(
    'is not closed while no more than 512 000 bytes wait for it',
    pair(({ ann, bob }) => {
      bob.stopsReading();
      for (const body of bodies) {
        ann.sends(datagram(BOB, body));
        bob.hears(datagram(ANN, body));
      }
    }),
  );

  it(
    'is closed at one byte more, and its sender is not',
    pair(({ ann, bob }) => {
      bob.stopsReading();
      for (const body of [...bodies.slice(0, -1), payload(9541)]) {
        ann.sends(datagram(BOB, body));
        bob.hears(datagram(ANN, body));
      }
      bob.isClosed('too-slow');
      ann.sends(datagram(BOB, payload(0))).saw('no-target');
    }),
  );

  it(
    'may be the sender itself',
    pair(({ ann }) => {
      ann.stopsReading();
      for (const body of bodies) ann.sends(datagram(ANN, body)).hears(datagram(ANN, body));
      ann.sends(datagram(ANN, payload(0)), datagram(ANN, payload(0))).hears(datagram(ANN, payload(0)));
      ann.isClosed('too-slow');
    }),
  );
});
