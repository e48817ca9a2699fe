/**
 * Two multiplexers with a pipe of bytes each way, and programs at both that say, hear, end and break off as they are told.
 *
 * The rule: what a stream brings is known by its id, its direction and the place, so that nothing needs to be remembered to see
 * whether it arrived exactly.
 */
import { expect } from 'vitest';
import { FRAME_BYTES_MAX } from '../../tunnel/frames.ts';
import type { MuxLimits } from '../../tunnel/limits.ts';
import { type Message, Mux, type Parting } from '../../tunnel/mux.ts';
import type { Ending, MuxStream, StreamEvents } from '../../tunnel/stream.ts';
import type { Violation } from '../../tunnel/violations.ts';
import { join } from './bytes.ts';

export type Side = 'left' | 'right';
const other = { left: 'right', right: 'left' } as const;

/** So small that everything is at its limit all the time. */
export const smallLimits: MuxLimits = {
  streamsMax: 4,
  streamIdMax: 0xffff_ffff,
  windowBytesMin: 1024,
  windowBytesMax: 8192,
  windowsBytesMax: 8 * 1024 + 6000,
  queueBytesMax: 2000,
  answersMax: 100,
};

/** What a program may write at a time. */
export const CHUNK_BYTES_MAX = 5000;

export function saying(id: number, from: Side, at: number, bytes: number): Uint8Array {
  const salt = id * 31 + (from === 'left' ? 0 : 101);
  return Uint8Array.from({ length: bytes }, (_, i) => (salt + (at + i) * 7 + ((at + i) >> 8)) & 255);
}

/** The program at one end of one stream. */
export class Program implements StreamEvents {
  readonly world: World;
  readonly side: Side;
  stream!: MuxStream;
  saidBytes = 0;
  heardBytes = 0;
  hasSaidAll = false;
  hasHeardAll = false;
  mayWrite = true;
  closedWith: Ending | null = null;
  readonly held: number[] = [];
  answered = false;

  constructor(world: World, side: Side) {
    this.world = world;
    this.side = side;
  }

  get isOpen(): boolean {
    return this.closedWith === null;
  }

  data(bytes: Uint8Array): void {
    expect(this.isOpen && !this.hasHeardAll).toBe(true);
    const wanted = saying(this.stream.id, other[this.side], this.heardBytes, bytes.length);
    if (this.world.checksBytes) expect(Buffer.compare(bytes, wanted)).toBe(0);
    this.heardBytes += bytes.length;
    this.held.push(bytes.length);
    expect(this.stream.heldCost).toBeLessThanOrEqual(this.stream.windowBytes);
  }

  ended(): void {
    expect(this.isOpen && !this.hasHeardAll).toBe(true);
    this.hasHeardAll = true;
  }

  drained(): void {
    expect(this.mayWrite).toBe(false);
    this.mayWrite = true;
  }

  closed(why: Ending): void {
    expect(this.closedWith).toBeNull();
    this.closedWith = why;
  }

  say(bytes: number): void {
    if (!this.isOpen || this.hasSaidAll || !this.mayWrite || bytes === 0) return;
    const words = saying(this.stream.id, this.side, this.saidBytes, bytes);
    this.saidBytes += bytes;
    // It may be drained before `write` has answered.
    this.mayWrite = false;
    this.mayWrite = this.stream.write(words);
    const { queueBytesMax } = this.world.limits;
    expect(this.stream.queuedBytes).toBeLessThanOrEqual(queueBytesMax + CHUNK_BYTES_MAX);
  }

  end(): void {
    if (this.isOpen) this.hasSaidAll = true;
    this.stream.end();
  }

  /** Takes so many of the pieces that wait. */
  hear(pieces: number): void {
    for (const bytes of this.held.splice(0, pieces)) this.stream.consumed(bytes);
  }
}

export class World {
  readonly limits: MuxLimits;
  readonly muxes: Readonly<Record<Side, Mux>>;
  readonly programs: Readonly<Record<Side, Program[]>> = { left: [], right: [] };
  /** On their way to each side. */
  readonly pipes: Record<Side, Uint8Array> = { left: new Uint8Array(0), right: new Uint8Array(0) };
  /** All that has ever been sent to each. */
  readonly sent: Readonly<Record<Side, Uint8Array[]>> = { left: [], right: [] };
  readonly log: Readonly<Record<Side, string[]>> = { left: [], right: [] };
  readonly messages: Readonly<Record<Side, Message[]>> = { left: [], right: [] };
  /** Whether streams that are asked for are accepted at once. */
  accepts = true;
  opensWhenMet: Side | null = null;
  /** Whether what arrives must be what was said. */
  checksBytes = true;
  now = 0;

  /** The numbers of each side, one after the other. */
  constructor(limits: MuxLimits = smallLimits, numbers = { left: 1000n, right: 2000n }) {
    this.limits = limits;
    this.muxes = { left: this.makeMux('left', numbers.left), right: this.makeMux('right', numbers.right) };
  }

  makeMux(side: Side, first: bigint): Mux {
    let number = first;
    return new Mux({
      drawNumber: () => number++,
      now: this.now,
      limits: this.limits,
      events: {
        met: () => {
          this.log[side].push('met');
          if (this.opensWhenMet === side) this.open(side);
        },
        parted: (why: Parting) => this.log[side].push(why),
        wanted: () => undefined,
        opened: (stream) => {
          const program = new Program(this, side);
          program.stream = stream;
          this.programs[side].push(program);
          if (this.accepts) {
            program.answered = true;
            stream.accept();
          }
          return program;
        },
      },
    });
  }

  /** One side makes a message, which is then on its way; false if it has nothing to say. */
  send(side: Side): boolean {
    const message = this.muxes[side].pull();
    if (message === null) return false;
    this.messages[side].push(message);
    const to = other[side];
    this.sent[to].push(...message.parts.map((part) => part.slice()));
    this.pipes[to] = join([this.pipes[to], ...message.parts]);
    return true;
  }

  /** Some of what is on its way arrives. */
  deliver(side: Side, bytes = Infinity): Violation | null {
    const pipe = this.pipes[side];
    const arrives = pipe.slice(0, bytes);
    this.pipes[side] = pipe.slice(arrives.length);
    return arrives.length === 0 ? null : this.muxes[side].receive(arrives, this.now);
  }

  open(side: Side): Program | null {
    const program = new Program(this, side);
    const stream = this.muxes[side].open(program, this.now);
    if (stream === null) return null;
    program.stream = stream;
    program.answered = true;
    this.programs[side].push(program);
    return program;
  }

  /** Whoever is at the other end of it; undefined as long as nobody is. */
  partner({ side, stream }: Program): Program | undefined {
    return this.programs[other[side]].find((each) => each.stream.id === stream.id);
  }

  /** All that is to be said is said and heard. */
  settle(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const side of ['left', 'right'] as const) {
        for (const program of this.programs[side]) {
          if (program.held.length > 0) moved = true;
          program.hear(Infinity);
        }
        if (this.send(side)) moved = true;
        if (this.pipes[side].length > 0) moved = true;
        expect(this.deliver(side)).toBeNull();
      }
    }
  }

  checkMemory(): void {
    const { windowsBytesMax, queueBytesMax, streamsMax } = this.limits;
    for (const side of ['left', 'right'] as const) {
      const queues = 2 * streamsMax * (queueBytesMax + CHUNK_BYTES_MAX);
      expect(this.muxes[side].heldBytesMax).toBeLessThanOrEqual(windowsBytesMax + queues + FRAME_BYTES_MAX);
      const held = this.programs[side].reduce(
        (sum, { isOpen, stream }) => sum + (isOpen ? stream.heldCost : 0),
        0,
      );
      expect(held).toBeLessThanOrEqual(windowsBytesMax);
    }
  }
}
