/** What a frame says, in words: a line for lists, and what it means for who plays with whom. */
import { macText } from '../address.ts';
import type { FrameView, GroupNotice } from '../types.ts';
import { utf8Text } from '../utf8.ts';
import { groupName } from './groups.ts';
import {
  GROUP_BYTES,
  Kind,
  MAC_BYTES,
  MESSAGE_BYTES,
  NICKNAME_BYTES,
  OPCODE_BYTES,
  PRODUCT_BYTES,
} from './layout.ts';
import { LOGIN_MAC_AT, LOGIN_NICKNAME_AT, LOGIN_PRODUCT_AT } from './login.ts';

/** Where a frame of one field, or of many, has its first. */
const FIRST_AT = OPCODE_BYTES;

function quoted(text: string): string {
  // JSON leaves two of the characters in place that end a line.
  return JSON.stringify(text).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);
}

function group(frame: FrameView): string {
  return groupName(frame, frame.at + FIRST_AT);
}

function mac({ bytes, at }: FrameView, from: number): string {
  return macText(bytes, at + from);
}

function text({ bytes, at }: FrameView, from: number, size: number): string {
  return quoted(utf8Text(bytes, at + from, at + from + size));
}

function number({ view, at }: FrameView, from: number): string {
  return `number ${view.getUint32(at + from, true)}`;
}

function product({ bytes, at }: FrameView): string {
  return quoted(
    String.fromCharCode(...bytes.subarray(at + LOGIN_PRODUCT_AT, at + LOGIN_PRODUCT_AT + PRODUCT_BYTES)),
  );
}

/** By kind. Each is given a whole frame. */
const summaries: Readonly<Record<number, (frame: FrameView) => string>> = {
  [Kind.ping]: () => 'is still there',
  [Kind.login]: (frame) =>
    `logs in as ${text(frame, LOGIN_NICKNAME_AT, NICKNAME_BYTES)}, ${mac(frame, LOGIN_MAC_AT)}, playing ${product(frame)}`,
  [Kind.connect]: (frame) => `asks for group ${quoted(group(frame))}`,
  [Kind.disconnect]: () => 'leaves its group',
  [Kind.scan]: () => 'asks which groups there are',
  [Kind.chat]: (frame) => `says ${text(frame, FIRST_AT, MESSAGE_BYTES)}`,
  [Kind.peerConnected]: (frame) =>
    `${text(frame, FIRST_AT, NICKNAME_BYTES)}, ${mac(frame, FIRST_AT + NICKNAME_BYTES)}, is in the group as ${number(frame, FIRST_AT + NICKNAME_BYTES + MAC_BYTES)}`,
  [Kind.peerDisconnected]: (frame) => `${number(frame, FIRST_AT)} has left the group`,
  [Kind.scanResult]: (frame) =>
    `there is group ${quoted(group(frame))}, led by ${mac(frame, FIRST_AT + GROUP_BYTES)}`,
  [Kind.scanComplete]: () => 'there are no more groups',
  [Kind.connectBssid]: (frame) => `joined the group, led by ${mac(frame, FIRST_AT)}`,
  [Kind.chatDelivered]: (frame) =>
    `${text(frame, FIRST_AT + MESSAGE_BYTES, NICKNAME_BYTES)} says ${text(frame, FIRST_AT, MESSAGE_BYTES)}`,
};

export function summarize(frame: FrameView): string {
  return summaries[frame.kind]?.(frame) ?? `${frame.end - frame.at} bytes`;
}

const notices: Readonly<Record<number, (frame: FrameView) => GroupNotice>> = {
  [Kind.connect]: (frame) => ({ does: 'asks', group: group(frame) }),
  [Kind.connectBssid]: (frame) => ({ does: 'joins', leader: mac(frame, FIRST_AT) }),
  [Kind.disconnect]: () => ({ does: 'leaves' }),
};

export function groupNotice(frame: FrameView): GroupNotice | null {
  return notices[frame.kind]?.(frame) ?? null;
}
