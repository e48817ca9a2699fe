/** Messages of the PSP's matching library, put together by hand from the wire page. */

export const Opcode = { ping: 0, hello: 1, join: 2, accept: 3, cancel: 4, bulk: 5, bye: 9 } as const;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** HELLO, JOIN, CANCEL and BULK: a length, and so much of whatever it is. */
export function counted(opcode: number, opt: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(opcode), u32(opt.length), opt]);
}

/** `macs` are those of the other children. */
export function accept(opt: Uint8Array, macs: readonly Uint8Array[] = []): Buffer {
  return Buffer.concat([Buffer.of(Opcode.accept), u32(opt.length), u32(macs.length), opt, ...macs]);
}

/** What a BULK carries. */
export function bulkData(message: Buffer): Buffer {
  return message.subarray(5);
}

export const bye = Buffer.of(Opcode.bye);
