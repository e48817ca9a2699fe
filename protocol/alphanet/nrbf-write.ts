/**
 * Writes .NET objects ([MS-NRBF]) byte for byte as .NET does: an object's own members first, then the objects that it
 * refers to; ids in the order in which things come up; a class described once.
 */
import { utf8Bytes } from '../utf8.ts';
import { classes, type ClassName, MemberKind, primitiveOf } from './classes.ts';
import { FORMAT_MAJOR, FORMAT_MINOR, Kind, type NetObject, type NetValue, NO_HEADER_ID } from './nrbf.ts';

const LIBRARY = 'AlphaNET.Framework, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null';
const ROOT_ID = 1;
const LIBRARY_ID = 2;

export function writeObject(root: NetObject): Uint8Array {
  return new ObjectWriter().write(root);
}

class ObjectWriter {
  readonly #bytes: number[] = [];
  /** By class, the id of the object with which it was described. */
  readonly #described = new Map<ClassName, number>();
  /** Objects that were referred to and are still to be written. */
  readonly #waiting: { readonly id: number; readonly object: NetObject }[] = [];
  #nextId = LIBRARY_ID + 1;

  write(root: NetObject): Uint8Array {
    this.#bytes.push(Kind.header);
    for (const each of [ROOT_ID, NO_HEADER_ID, FORMAT_MAJOR, FORMAT_MINOR]) this.#int(each);
    this.#bytes.push(Kind.library);
    this.#int(LIBRARY_ID);
    this.#text(LIBRARY);
    this.#object(ROOT_ID, root);
    for (const { id, object } of this.#waiting) this.#object(id, object);
    this.#bytes.push(Kind.end);
    return Uint8Array.from(this.#bytes);
  }

  #object(id: number, { type, values }: NetObject): void {
    const before = this.#described.get(type);
    this.#bytes.push(before === undefined ? Kind.class : Kind.classWithId);
    this.#int(id);
    if (before === undefined) this.#describe(id, type);
    else this.#int(before);
    for (const { key, type: wanted, always } of classes[type].members) {
      const value = always ?? values[key] ?? null;
      if (typeof value === 'number') this.#number(value, wanted === 'uint16' ? 2 : 1);
      else this.#record(value);
    }
  }

  #describe(id: number, type: ClassName): void {
    const { name, members } = classes[type];
    this.#described.set(type, id);
    this.#text(name);
    this.#int(members.length);
    for (const member of members) this.#text(member.name);
    for (const member of members) {
      const isPrimitive = primitiveOf(member.type) !== null;
      const kind = member.type === 'string' ? MemberKind.string : MemberKind.class;
      this.#bytes.push(isPrimitive ? MemberKind.primitive : kind);
    }
    for (const { type: of } of members) {
      const primitive = primitiveOf(of);
      if (primitive !== null) this.#bytes.push(primitive);
      else if (of !== 'string') {
        this.#text(classes[of as ClassName].name);
        this.#int(LIBRARY_ID);
      }
    }
    this.#int(LIBRARY_ID);
  }

  #record(value: Exclude<NetValue, number>): void {
    if (value === null) {
      this.#bytes.push(Kind.null);
      return;
    }
    const id = this.#nextId++;
    this.#bytes.push(typeof value === 'string' ? Kind.string : Kind.reference);
    this.#int(id);
    if (typeof value === 'string') this.#text(value);
    else this.#waiting.push({ id, object: value });
  }

  #int(value: number): void {
    this.#number(value, 4);
  }

  #number(value: number, bytes: number): void {
    for (let i = 0; i < bytes; i++) this.#bytes.push((value >> (8 * i)) & 0xff);
  }

  /** Its length takes seven bits a byte. */
  #text(text: string): void {
    const bytes = utf8Bytes(text);
    let length = bytes.length;
    while (length >= 0x80) {
      this.#bytes.push((length & 0x7f) | 0x80);
      length >>= 7;
    }
    this.#bytes.push(length, ...bytes);
  }
}
