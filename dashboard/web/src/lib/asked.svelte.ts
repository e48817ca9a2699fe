/**
 * Something that was asked of the server, as state: what it answered, or why not, and a way to ask again.
 *
 * The rule: the latest question wins. What is on screen stays there while it is asked for again, so that nothing flickers; an
 * older answer that comes late is dropped, and the question behind it is taken back.
 */
export class Asked<T> {
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  #controller: AbortController | null = null;
  data = $state.raw<T | null>(null);
  error = $state.raw<Error | null>(null);
  isWaiting = $state(false);

  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    this.#ask = ask;
  }

  /** Asks, or asks anew. Never rejects: what went wrong is in `error`. To be called from an `$effect` that names what it hangs on. */
  async ask(): Promise<void> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.isWaiting = true;
    try {
      const data = await this.#ask(controller.signal);
      if (this.#controller !== controller) return;
      this.data = data;
      this.error = null;
    } catch (error) {
      if (this.#controller !== controller) return;
      this.error = error instanceof Error ? error : new Error(String(error));
    }
    this.isWaiting = false;
  }

  /** Takes back what is asked. */
  stop(): void {
    this.#controller?.abort();
    this.#controller = null;
    this.isWaiting = false;
  }
}
