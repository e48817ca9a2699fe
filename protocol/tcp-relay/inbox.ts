/**
 * Who may write to one receiver.
 *
 * The rule: one sender at a time, from the first byte of its message to the last. Whoever comes meanwhile is not read
 * from, and has its turn in the order in which they came. A sender waits for one receiver at most, so that all inboxes
 * together hold no more senders than there are connections.
 */
import type { Outlet } from '../types.ts';
import type { Errands } from './errands.ts';

export interface Sender {
  readonly outlet: Outlet;
  /** Who was to have its message is gone. */
  orphaned(): void;
}

export class Inbox {
  readonly #receiver: Outlet;
  readonly #errands: Errands;
  #sender: Sender | null = null;
  /** In the order in which they came. */
  readonly #waiting = new Set<Sender>();

  constructor(receiver: Outlet, errands: Errands) {
    this.#receiver = receiver;
    this.#errands = errands;
  }

  /** Whose turn it is, with all who wait for theirs. */
  get senders(): number {
    return this.#waiting.size + (this.#sender === null ? 0 : 1);
  }

  /** A message begins. Its bytes come when it is their turn. */
  enter(sender: Sender): void {
    if (this.#sender === null && this.#waiting.size === 0) {
      this.#admit(sender);
    } else {
      this.#waiting.add(sender);
      sender.outlet.hold(true);
    }
  }

  /** Its message is over, or will never come. */
  leave(sender: Sender): void {
    if (this.#sender !== sender) {
      this.#waiting.delete(sender);
      return;
    }
    this.#sender = null;
    if (this.#waiting.size > 0) this.#errands.run(() => this.#next());
  }

  /** The receiver is gone. */
  close(): void {
    const senders = [...this.#waiting];
    this.#waiting.clear();
    this.#sender?.orphaned();
    this.#sender = null;
    for (const sender of senders) {
      sender.orphaned();
      this.#errands.run(() => sender.outlet.hold(false));
    }
  }

  #admit(sender: Sender): void {
    this.#sender = sender;
    sender.outlet.awaitRoom(this.#receiver);
  }

  #next(): void {
    if (this.#sender !== null) return;
    for (const sender of this.#waiting) {
      this.#waiting.delete(sender);
      this.#admit(sender);
      sender.outlet.hold(false);
      return;
    }
  }
}
