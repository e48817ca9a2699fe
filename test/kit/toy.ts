/**
 * The smallest protocol that has everything a reader must deal with.
 *
 * A stream begins with a greeting of one byte, 'G', or with 'T', which goes over to tail. Then come
 * messages: two bytes of length, big-endian, and as many bytes of body, up to 1 000. A body that
 * starts with 'Q' quits: the next byte is a greeting again. In the tail, whatever there is comes as it
 * comes.
 */
import { CommonFault } from '../../protocol/fault.ts';
import { Direction, type FrameSpec, type Protocol } from '../../protocol/types.ts';

export const ToyKind = { hello: 0, message: 1, quit: 2, tailHello: 3, tail: 4 } as const;
export const ToyMode = { start: 0, messages: 1, tail: 2 } as const;
export const TOY_BODY_MAX = 1000;

function spec(name: string, then?: FrameSpec['then'] & object): FrameSpec {
  const bytesMax = 2 + TOY_BODY_MAX;
  return { name, direction: Direction.toRelay, bytesMin: 1, bytesMax, fields: [], ...(then && { then }) };
}

function unused(): never {
  throw new Error('the toy is only ever read');
}

export const toy: Protocol = {
  id: 99,
  name: 'toy',
  title: 'Toy',
  revision: 1,
  transports: ['tcp'],
  port: 1,
  outboxBytesMax: 1,
  faults: [],
  frames: [
    spec('hello', { toRelay: ToyMode.messages }),
    spec('message'),
    spec('quit', { toRelay: ToyMode.start }),
    spec('tail-hello', { toRelay: ToyMode.tail }),
    { ...spec('tail'), pieces: true },
  ],
  framing: {
    start: { toRelay: ToyMode.start, toPeer: ToyMode.messages },
    measure(mode, view, at, end) {
      if (mode === ToyMode.tail) return end - at;
      if (mode === ToyMode.start)
        return 'GT'.includes(String.fromCharCode(view.getUint8(at))) ? 1 : -CommonFault.malformed;
      if (end - at < 2) return 0;
      const size = view.getUint16(at);
      return size > TOY_BODY_MAX ? -CommonFault.tooLong : 2 + size;
    },
    classify(mode, view, at, end) {
      if (mode === ToyMode.tail) return ToyKind.tail;
      const letter = at + 2 < end ? String.fromCharCode(view.getUint8(at + 2)) : '';
      if (mode === ToyMode.messages) return letter === 'Q' ? ToyKind.quit : ToyKind.message;
      return view.getUint8(at) === 'G'.charCodeAt(0) ? ToyKind.hello : ToyKind.tailHello;
    },
  },
  summarize: unused,
  createHub: unused,
};

export const hello = Uint8Array.of('G'.charCodeAt(0));
export const tailHello = Uint8Array.of('T'.charCodeAt(0));

export function message(body: string): Uint8Array {
  return Uint8Array.of(body.length >> 8, body.length & 0xff, ...Buffer.from(body, 'latin1'));
}
