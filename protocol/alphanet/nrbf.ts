/**
 * Reads the binary format of .NET objects ([MS-NRBF]), as far as AlphaNET's packets need it: the classes of `classes.ts`.
 *
 * The rule: whatever bytes come, there is an object or a reason why there is none, and nothing is ever made by its
 * name. Records may stand in any order that the format allows; everything that is counted or nested has a limit.
 */
import { sequenceBytes, utf8Text } from '../utf8.ts';
import {
  classesByName,
  type ClassName,
  type Member,
  MemberKind,
  type NetClass,
  primitiveOf,
} from './classes.ts';

/** What a member holds: a number for the primitive types, 0 or 1 for a boolean. */
export type NetValue = number | string | NetObject | null;

export interface NetObject {
  readonly type: ClassName;
  /** By the key of the member. */
  readonly values: Readonly<Record<string, NetValue>>;
}

/** Where a value stands: a number, the letters of a text, or the record that says that there is none. */
export interface Place {
  readonly at: number;
  readonly size: number;
}

export interface ReadObject {
  readonly object: NetObject;
  /** Of the members of each object, by their keys. */
  readonly places: ReadonlyMap<NetObject, Readonly<Record<string, Place>>>;
}

/** Why bytes are no object. */
export type Reason =
  | 'it ends too early'
  | 'bytes follow its end'
  | 'it is longer than any packet'
  | 'it does not begin with the header of its format'
  | 'a record has no place there'
  | 'a class is not one of those that are known'
  | 'a class has other members than it must have'
  | 'an id is used twice'
  | 'an id is not positive'
  | 'an id names nothing'
  | 'a value is not what it must be'
  | 'objects are nested too deeply'
  | 'there are too many objects'
  | 'a text is too long'
  | 'a text is not UTF-8, or has a NUL in it'
  | 'an object belongs to nothing';

/** Bytes of a whole object. Those of the published client have 611 at most. */
export const OBJECT_BYTES_MAX = 4_096;
/** Objects and texts; the packets have five at most. */
export const OBJECTS_MAX = 16;
/** Each class could name one of its own. */
export const LIBRARIES_MAX = 8;
/** Objects within objects, the outermost included. */
export const DEPTH_MAX = 3;
/** Names of classes, members and libraries. */
export const TEXT_BYTES_MAX = 512;

/** The kinds of records. */
export const Kind = {
  header: 0,
  classWithId: 1,
  systemClass: 4,
  class: 5,
  string: 6,
  reference: 9,
  null: 10,
  end: 11,
  library: 12,
} as const;

export const FORMAT_MAJOR = 1;
export const FORMAT_MINOR = 0;
/** Calls of methods have one; objects have none. */
export const NO_HEADER_ID = -1;

/** A length takes seven bits of each byte, and texts are limited to what two of them can say. */
const LENGTH_BYTES_MAX = 2;

const NOWHERE: Place = { at: 0, size: 0 };

/** An object as it is read: its members may be found later. */
interface Draft {
  readonly class: NetClass;
  readonly values: Record<string, NetValue>;
  readonly places: Record<string, Place>;
  readonly object: NetObject;
}

interface Text {
  readonly text: string;
  readonly place: Place;
}

/** A member that holds what has this id. */
interface Reference {
  readonly draft: Draft;
  readonly member: Member;
  readonly id: number;
}

/** What a class that was described once is read by: its members, in the order in which their values come. */
interface Shape {
  readonly class: NetClass;
  readonly members: readonly Member[];
}

/** The object of `type` that is all of `[at, end)`, or why there is none. Never throws. */
export function readObject(bytes: Uint8Array, at: number, end: number, type: ClassName): ReadObject | Reason {
  return new ObjectReader(bytes, at, end).read(type);
}

class ObjectReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  /** From the first reason on nothing is read any more. */
  #reason: Reason | null = null;
  readonly #objects = new Map<number, Draft | Text>();
  readonly #shapes = new Map<number, Shape>();
  readonly #libraries = new Set<number>();
  readonly #references: Reference[] = [];

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    if (end - at > OBJECT_BYTES_MAX) this.#refuse('it is longer than any packet');
  }

  read(type: ClassName): ReadObject | Reason {
    const rootId = this.#header();
    this.#records();
    const used = this.#resolve(rootId);
    const root = this.#objects.get(rootId);
    if (this.#reason === null && (root === undefined || !('class' in root) || root.class.key !== type))
      this.#refuse(root === undefined ? 'an id names nothing' : 'a value is not what it must be');
    if (used < this.#objects.size) this.#refuse('an object belongs to nothing');
    if (this.#reason !== null) return this.#reason;
    const drafts = [...this.#objects.values()].filter((each) => 'class' in each);
    return {
      object: (root as Draft).object,
      places: new Map(drafts.map(({ object, places }) => [object, places])),
    };
  }

  #refuse(reason: Reason): void {
    this.#reason ??= reason;
    this.#at = this.#end;
  }

  // Records -----------------------------------------------------------------------------------------

  /** Answers the id of the object that all others belong to. */
  #header(): number {
    const kind = this.#byte();
    const rootId = this.#int();
    const rest = [this.#int(), this.#int(), this.#int()];
    if (kind !== Kind.header || rest.join() !== [NO_HEADER_ID, FORMAT_MAJOR, FORMAT_MINOR].join())
      this.#refuse('it does not begin with the header of its format');
    return rootId;
  }

  /** Objects, texts and libraries, up to the record that ends them. */
  #records(): void {
    while (this.#reason === null) {
      const kind = this.#byte();
      if (kind === Kind.end) break;
      if (kind === Kind.string) this.#string();
      else this.#class(this.#afterLibrary(kind), 1);
    }
    if (this.#at < this.#end) this.#refuse('bytes follow its end');
  }

  /** An object; answers its id. */
  #class(kind: number, depth: number): number {
    if (depth > DEPTH_MAX) this.#refuse('objects are nested too deeply');
    if (![Kind.classWithId, Kind.systemClass, Kind.class].some((each) => each === kind))
      this.#refuse('a record has no place there');
    const id = this.#newId();
    const shape =
      kind === Kind.classWithId ? this.#shapes.get(this.#int()) : this.#shape(kind === Kind.class);
    if (shape === undefined) {
      this.#refuse('an id names nothing');
      return id;
    }
    this.#shapes.set(id, shape);
    this.#object(id, shape, depth);
    return id;
  }

  /** What may have a library before it is of this kind. */
  #afterLibrary(kind: number): number {
    if (kind !== Kind.library) return kind;
    this.#library();
    return this.#byte();
  }

  #library(): void {
    const id = this.#int();
    this.#text(TEXT_BYTES_MAX);
    if (id <= 0) this.#refuse('an id is not positive');
    if (this.#libraries.has(id)) this.#refuse('an id is used twice');
    if (this.#libraries.size >= LIBRARIES_MAX) this.#refuse('there are too many objects');
    this.#libraries.add(id);
  }

  /** The description of a class: what its members are called and of which types they are. Only a known one is taken. */
  #shape(hasLibrary: boolean): Shape | undefined {
    const known = classesByName.get(this.#text(TEXT_BYTES_MAX).text);
    if (known === undefined) this.#refuse('a class is not one of those that are known');
    const count = this.#int();
    if (count !== known?.members.length) this.#refuse('a class has other members than it must have');
    if (known === undefined || this.#reason !== null) return undefined;
    const members: Member[] = [];
    for (let i = 0; i < count; i++) {
      const { text } = this.#text(TEXT_BYTES_MAX);
      const member = known.members.find(({ name }) => name === text);
      if (member === undefined || members.includes(member))
        this.#refuse('a class has other members than it must have');
      else members.push(member);
    }
    this.#types(members);
    if (hasLibrary) this.#knownLibrary();
    return this.#reason === null ? { class: known, members } : undefined;
  }

  #types(members: readonly Member[]): void {
    const kinds = members.map(() => this.#byte());
    for (const [i, { type }] of members.entries()) {
      const primitive = primitiveOf(type);
      const kind =
        primitive !== null ? MemberKind.primitive : type === 'string' ? MemberKind.string : MemberKind.class;
      if (kinds[i] !== kind) this.#refuse('a class has other members than it must have');
      else if (primitive !== null && this.#byte() !== primitive)
        this.#refuse('a class has other members than it must have');
      else if (kind === MemberKind.class) {
        if (classesByName.get(this.#text(TEXT_BYTES_MAX).text)?.key !== type)
          this.#refuse('a class has other members than it must have');
        this.#knownLibrary();
      }
    }
  }

  #knownLibrary(): void {
    if (!this.#libraries.has(this.#int())) this.#refuse('an id names nothing');
  }

  #object(id: number, shape: Shape, depth: number): void {
    const values: Record<string, NetValue> = {};
    const places: Record<string, Place> = {};
    const draft = { class: shape.class, values, places, object: { type: shape.class.key, values } };
    this.#add(id, draft);
    for (const member of shape.members) if (this.#reason === null) this.#member(draft, member, depth);
  }

  #member(draft: Draft, member: Member, depth: number): void {
    const at = this.#at;
    if (primitiveOf(member.type) !== null) {
      const value = member.type === 'uint16' ? this.#uint16() : this.#byte();
      const isWrong =
        member.always === undefined ? member.type === 'boolean' && value > 1 : value !== member.always;
      if (isWrong) this.#refuse('a value is not what it must be');
      draft.values[member.key] = value;
      draft.places[member.key] = { at, size: this.#at - at };
      return;
    }
    const kind = this.#afterLibrary(this.#byte());
    if (kind === Kind.null) {
      if (member.nullable !== true) this.#refuse('a value is not what it must be');
      draft.values[member.key] = null;
      draft.places[member.key] = { at: this.#at - 1, size: 1 };
      return;
    }
    const id =
      kind === Kind.reference
        ? this.#int()
        : kind === Kind.string
          ? this.#string()
          : this.#class(kind, depth + 1);
    this.#references.push({ draft, member, id });
  }

  #string(): number {
    const id = this.#newId();
    this.#add(id, this.#text(TEXT_BYTES_MAX));
    return id;
  }

  // Ids ---------------------------------------------------------------------------------------------

  #newId(): number {
    const id = this.#int();
    if (id <= 0) this.#refuse('an id is not positive');
    if (this.#objects.has(id)) this.#refuse('an id is used twice');
    return id;
  }

  #add(id: number, what: Draft | Text): void {
    if (this.#objects.size >= OBJECTS_MAX) this.#refuse('there are too many objects');
    if (this.#reason === null) this.#objects.set(id, what);
  }

  /** Puts into each member what its id names; answers how many objects belong to another, or to nobody as the root does. */
  #resolve(rootId: number): number {
    const used = new Set([rootId]);
    for (const { draft, member, id } of this.#references) {
      if (this.#reason !== null) break;
      const found = this.#objects.get(id);
      used.add(id);
      if (found === undefined) {
        this.#refuse('an id names nothing');
      } else if ('class' in found) {
        if (found.class.key !== member.type) this.#refuse('a value is not what it must be');
        draft.values[member.key] = found.object;
        draft.places[member.key] = NOWHERE;
      } else {
        if (member.type !== 'string') this.#refuse('a value is not what it must be');
        if (found.place.size > (member.bytesMax ?? TEXT_BYTES_MAX)) this.#refuse('a text is too long');
        draft.values[member.key] = found.text;
        draft.places[member.key] = found.place;
      }
    }
    return used.size;
  }

  // Values ------------------------------------------------------------------------------------------

  /** Where the next `size` bytes begin. */
  #take(size: number): number {
    const at = this.#at;
    if (size > this.#end - at) {
      this.#refuse('it ends too early');
      return -1;
    }
    this.#at += size;
    return at;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  #uint16(): number {
    const at = this.#take(2);
    return (this.#bytes[at] ?? 0) | ((this.#bytes[at + 1] ?? 0) << 8);
  }

  #int(): number {
    const at = this.#take(4);
    if (at < 0) return 0;
    return [3, 2, 1, 0].reduce((value, place) => (value << 8) | (this.#bytes[at + place] as number), 0);
  }

  #text(bytesMax: number): Text {
    const size = this.#length();
    if (size > bytesMax) this.#refuse('a text is too long');
    const at = Math.max(this.#take(this.#reason === null ? size : 0), 0);
    const end = this.#reason === null ? at + size : at;
    for (let i = at; i < end;) {
      const step = this.#bytes[i] === 0 ? 0 : sequenceBytes(this.#bytes, i, end);
      if (step === 0) {
        this.#refuse('a text is not UTF-8, or has a NUL in it');
        break;
      }
      i += step;
    }
    return { text: utf8Text(this.#bytes, at, end), place: { at, size: end - at } };
  }

  /** Seven bits a byte, the low ones first, in as few bytes as it takes. */
  #length(): number {
    let length = 0;
    for (let i = 0; i < LENGTH_BYTES_MAX; i++) {
      const byte = this.#byte();
      length |= (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) !== 0) continue;
      if (byte === 0 && i > 0) this.#refuse('a value is not what it must be');
      return length;
    }
    this.#refuse('a text is too long');
    return length;
  }
}
