/** What a LOGIN says: who somebody is, and what is played. Its bytes are kept as they came, for those who are told of the player. */
import { macText } from '../address.ts';
import type { Fault, FrameView } from '../types.ts';
import { utf8Text } from '../utf8.ts';
import { AdhocctlFault } from './faults.ts';
import { isGameCode } from './games.ts';
import { MAC_BYTES, NICKNAME_BYTES, OPCODE_BYTES, PRODUCT_BYTES } from './layout.ts';

export const LOGIN_MAC_AT = OPCODE_BYTES;
export const LOGIN_NICKNAME_AT = LOGIN_MAC_AT + MAC_BYTES;
export const LOGIN_PRODUCT_AT = LOGIN_NICKNAME_AT + NICKNAME_BYTES;

/** The numbers of the addresses of all zeros and of all ones. */
const NOBODY = 0;
const EVERYBODY = 2 ** 48 - 1;

export class Login {
  /** The address as one number, the same as other protocols make of it. */
  readonly mac: number;
  /** The address as people write it. */
  readonly endpoint: string;
  readonly nickname: string;
  readonly product: string;
  readonly macBytes: Uint8Array;
  /** With its padding. */
  readonly nicknameBytes: Uint8Array;

  constructor({ bytes, view, at }: FrameView) {
    const macAt = at + LOGIN_MAC_AT;
    const nicknameAt = at + LOGIN_NICKNAME_AT;
    const productAt = at + LOGIN_PRODUCT_AT;
    this.mac = view.getUint32(macAt) * 0x1_0000 + view.getUint16(macAt + 4);
    this.endpoint = macText(bytes, macAt);
    this.nickname = utf8Text(bytes, nicknameAt, productAt);
    this.product = String.fromCharCode(...bytes.subarray(productAt, productAt + PRODUCT_BYTES));
    this.macBytes = bytes.slice(macAt, nicknameAt);
    this.nicknameBytes = bytes.slice(nicknameAt, productAt);
  }

  /** Why nobody may log in like this; null where nothing is wrong. */
  get fault(): Fault | null {
    if (this.mac === NOBODY || this.mac === EVERYBODY) return AdhocctlFault.badMac;
    return isGameCode(this.product) ? null : AdhocctlFault.badProduct;
  }
}
