/** What ends a connection of AlphaNET, by the name of the reason, and what does not. */
import { describe, it } from 'vitest';
import { DATA_BYTES_MAX, MESSAGE_BYTES_MAX } from '../../../protocol/alphanet/layout.ts';
import { OBJECT_BYTES_MAX } from '../../../protocol/alphanet/nrbf.ts';
import { ANN, BOB, plays } from '../../kit/alphanet-cast.ts';
import {
  address,
  ascii,
  authAnswer,
  data,
  message,
  requestFailed,
  short,
  socketStatus,
  statusRequest,
  statusResponse,
  virtualIp,
} from '../../kit/alphanet-wire.ts';
import { join } from '../../kit/bytes.ts';

const A = `${ANN}:24`;
const B = `${BOB}:80`;

/** `[at]` is another byte. */
function with1(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const changed = bytes.slice();
  changed[at < 0 ? bytes.length + at : at] = byte;
  return changed;
}

/** What is found in a message is another text of the same length. */
function replaced(bytes: Uint8Array, what: string, by: string): Uint8Array {
  return ascii(Buffer.from(bytes).toString('latin1').replace(what, by));
}

const plain = (type: number, ...parts: readonly Uint8Array[]) =>
  message(join([Uint8Array.of(type), ...parts]));

const ask = statusRequest(A, B);

describe('the frame', () => {
  it.each([
    ['no digit', ascii('x')],
    ['a colon alone', ascii(':')],
    ['a sign', ascii('-5:')],
    ['a blank', ascii('12 :')],
    ['a NUL', Uint8Array.of(0x31, 0)],
  ])('that begins with %s is closed: length-not-decimal', (_, bytes) => {
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('length-not-decimal'))();
  });

  it.each([
    ['a length over 1 MiB', ascii(`${MESSAGE_BYTES_MAX + 1}:`)],
    ['a length that never ends', ascii('00000012')],
    [
      'more object than any packet has',
      join([ascii(`${13 + OBJECT_BYTES_MAX + 1}:`), message(Uint8Array.of(1)).subarray(3)]),
    ],
    ['more text than anybody needs', join([ascii('9999:'), authAnswer('x').subarray(3)])],
  ])('that announces %s is closed before more has come: too-long', (_, bytes) => {
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('too-long'))();
  });

  it.each([
    ['another bit', message(Uint8Array.of(8), '0000', '6000000000000000')],
    ['a bit far behind', message(Uint8Array.of(8), '0000', '4000000000000001')],
    ['a bit in the middle', message(Uint8Array.of(8), '0000', '4000010000000000')],
  ])('with %s in its header is closed: unknown-header', (_, bytes) => {
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('unknown-header'))();
  });

  it.each([
    ['nothing', '0000000000000000'],
    ['a key alone', '8000000000000000'],
  ])('that has %s in its header is closed: no-status', (_, bitmap) => {
    plays(({ enters }) =>
      enters('ann')
        .sends(message(Uint8Array.of(8), '', bitmap + '00000000'))
        .isClosed('no-status'),
    )();
  });

  it.each(['000x', '0007', '9999', '    '])('of status %j is closed: bad-status', (status) => {
    plays(({ enters }) =>
      enters('ann')
        .sends(message(Uint8Array.of(8), status))
        .isClosed('bad-status'),
    )();
  });

  it.each(['0001', '0002', '0003', '0004', '0005', '0006'])(
    'of status %s without a key is closed: unexpected',
    (status) => {
      plays(({ enters }) =>
        enters('ann')
          .sends(message(Uint8Array.of(8), status))
          .isClosed('unexpected'),
      )();
    },
  );

  it('with a key that nobody asked for is closed: stray-key', () => {
    const bytes = replaced(authAnswer('x'), '0004', '0000');
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('stray-key'))();
  });

  it.each([
    ['nothing at all', ascii('0:')],
    ['less than a header', ascii('11:')],
    ['no packet', message(new Uint8Array(0))],
    ['a key longer than itself', join([ascii('20:'), authAnswer('x').subarray(3)])],
  ])('that announces %s is closed: lengths-differ', (_, bytes) => {
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('lengths-differ'))();
  });

  it.each([0, 10, 255])('with a packet of type %i is closed: unknown-packet', (type) => {
    plays(({ enters }) => enters('ann').sends(plain(type)).isClosed('unknown-packet'))();
  });

  it.each([
    ['a virtual address', virtualIp(ANN)],
    ['a bare status', socketStatus(true, true)],
  ])('with %s, which only we send, is closed: unexpected', (_, bytes) => {
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('unexpected'))();
  });

  it('may be as long as data can make it', () => {
    plays(({ enters }) => {
      const ann = enters('ann').sends(data(A, B, new Uint8Array(DATA_BYTES_MAX)));
      ann.saw('no-target');
      ann.hears(requestFailed(5, B, 'there is no such connection'));
    })();
  });
});

describe('packets that are no objects', () => {
  const both = [address(A), address(B)];

  it.each([
    ['data that is shorter than it says', plain(5, ...both, short(3), ascii('12'))],
    ['data that is longer than it says', plain(5, ...both, short(1), ascii('12'))],
    ['data without a size', plain(5, ...both)],
    ['data with one address', plain(5, address(A))],
    ['a close with a byte behind it', plain(8, ...both, ascii('!'))],
    ['a close without an address', plain(8)],
    ['a close with half an address', plain(8, address(A), address(B).subarray(0, 5))],
    [
      'a failure whose reason is longer than it says',
      plain(9, Uint8Array.of(1), address(A), Uint8Array.of(1), ascii('no')),
    ],
    ['a failure without a reason', plain(9, Uint8Array.of(1), address(A))],
  ])('%s: closed, lengths-differ', (_, bytes) => {
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('lengths-differ'))();
  });

  it('with an address of 33 bytes are closed: address-too-long', () => {
    const long = address(`${'1'.repeat(33)}:1`);
    plays(({ enters }) =>
      enters('ann')
        .sends(plain(8, long, address(B)))
        .isClosed('address-too-long'),
    )();
  });

  it('with an address of 32 bytes are not, which is no address all the same', () => {
    const long = address(`${'1'.repeat(32)}:1`);
    plays(({ enters }) =>
      enters('ann')
        .sends(plain(8, address(A), long))
        .saw('no-target'),
    )();
  });
});

describe('an object', () => {
  it.each([
    ['that ends too early', plain(1, ask.subarray(ask.indexOf(0x3a) + 14, -1))],
    ['with bytes behind its end', plain(1, ask.subarray(ask.indexOf(0x3a) + 14), Uint8Array.of(0))],
    ['that is another packet’s', with1(ask, ask.indexOf(0x3a) + 13, 3)],
    ['of a known class that is no packet here', plain(4, ask.subarray(ask.indexOf(0x3a) + 14))],
    ['whose text is no UTF-8', replaced(ask, ANN, '\xff'.repeat(ANN.length))],
    ['that is nothing', plain(1)],
    ['that says a third thing of a status', with1(statusResponse(true, true, null), -3, 2)],
  ])('%s: closed, malformed-object', (_, bytes) => {
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('malformed-object'))();
  });

  it.each([
    'System.Diagnostics.Process.......................',
    'AlphaNET.Framework.Net.Packets.SocketStatusReques.',
  ])('of class %s is closed: unknown-class', (name) => {
    const own = 'AlphaNET.Framework.Net.Packets.SocketStatusRequest';
    const bytes = replaced(ask, own, name.padEnd(own.length, '.').slice(0, own.length));
    plays(({ enters }) => enters('ann').sends(bytes).isClosed('unknown-class'))();
  });
});
