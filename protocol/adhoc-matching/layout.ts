/** What the messages of the PSP's matching library look like. A kind is the opcode, the first byte of each. */
import type { PayloadSpec } from '../payload.ts';
import type { FieldSpec } from '../types.ts';

export const Kind = {
  ping: 0,
  hello: 1,
  join: 2,
  accept: 3,
  cancel: 4,
  bulk: 5,
  bulkAbort: 6,
  birth: 7,
  death: 8,
  bye: 9,
} as const;

export const OPCODE_BYTES = 1;
/** Of each number that counts something. */
export const COUNT_BYTES = 4;
export const MAC_BYTES = 6;

const names = ['PING', 'HELLO', 'JOIN', 'ACCEPT', 'CANCEL', 'BULK', 'BULK_ABORT', 'BIRTH', 'DEATH', 'BYE'];

function message(kind: number, note: string, ...fields: readonly FieldSpec[]): PayloadSpec {
  const name = names[kind] as string;
  const opcode: FieldSpec = { name: 'opcode', type: 'u8', size: OPCODE_BYTES, names, always: kind };
  return { name, note, fields: [opcode, ...fields] };
}

function count(name: string, note: string): FieldSpec {
  return { name, type: 'u32le', size: COUNT_BYTES, note };
}

const optlen = count('optlen', 'bytes of opt');
const opt: FieldSpec = {
  name: 'opt',
  type: 'bytes',
  size: { from: 'optlen' },
  note: 'whatever the game adds, its room settings for instance',
};
const mac: FieldSpec = { name: 'mac', type: 'mac', size: MAC_BYTES };

/** By kind. */
export const frames: readonly PayloadSpec[] = [
  message(Kind.ping, 'Still there. Both sides of a join that was accepted send it.'),
  message(Kind.hello, 'A host advertises its room, over and over.', optlen, opt),
  message(Kind.join, 'Asks a host to be let in.', optlen, opt),
  message(
    Kind.accept,
    'The host lets somebody in, and names who is in already.',
    optlen,
    count('siblings', 'addresses in macs'),
    opt,
    { name: 'macs', type: 'macs', size: { from: 'siblings', times: MAC_BYTES }, note: 'the other children' },
  ),
  message(Kind.cancel, 'A host rejects or kicks somebody, or somebody leaves.', optlen, opt),
  message(Kind.bulk, 'Data between those who are in.', count('len', 'bytes of data'), {
    name: 'data',
    type: 'bytes',
    size: { from: 'len' },
  }),
  message(Kind.bulkAbort, 'What was being sent is given up.'),
  message(Kind.birth, 'The host tells its children of a new one.', mac),
  message(Kind.death, 'The host tells its children that one is gone.', mac),
  message(Kind.bye, 'The sender is gone.'),
];
