/** Players who say something all the time, at a rate: what a dashboard has to follow. */
import { type Address, Client, Init, pdp } from './socket-client.ts';

const PORT = 3_001;
const STEP_MS = 10;
const PAYLOAD_BYTES = 120;

export class Chatter {
  readonly #clients: readonly Client[];
  readonly #frames: readonly Buffer[];
  #perSecond = 0;
  #since = 0;
  #said = 0;
  #timer: NodeJS.Timeout | null = null;

  private constructor(clients: readonly Client[], frames: readonly Buffer[]) {
    this.#clients = clients;
    this.#frames = frames;
  }

  /** As many players, each of whom speaks to the next one. */
  static async start(port: number, players: number): Promise<Chatter> {
    const addresses = Array.from({ length: players }, (_, n): Address => ({
      mac: `02:00:00:00:cc:0${n + 1}`,
      port: PORT,
    }));
    const clients: Client[] = [];
    for (const address of addresses) {
      const client = await Client.open(port, Init.pdp, address);
      client.socket.resume();
      clients.push(client);
    }
    const frames = addresses.map((_, n) =>
      pdp(addresses[(n + 1) % players]!, Buffer.alloc(PAYLOAD_BYTES, 0x41 + n)),
    );
    return new Chatter(clients, frames);
  }

  /** Of all together, so many frames a second from now on; 0 for silence. */
  speak(perSecond: number): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#perSecond = perSecond;
    if (perSecond === 0) return;
    this.#since = performance.now();
    this.#said = 0;
    this.#timer = setInterval(() => this.#catchUp(), STEP_MS);
  }

  /** At once. */
  say(frames: number): void {
    for (let n = 0; n < frames; n++)
      this.#clients[n % this.#clients.length]!.send(this.#frames[n % this.#frames.length]!);
  }

  stop(): void {
    this.speak(0);
    for (const client of this.#clients) client.destroy();
  }

  /** A machine that does much else wakes us late: what is due then is said together. */
  #catchUp(): void {
    const due = Math.floor(((performance.now() - this.#since) * this.#perSecond) / 1000);
    this.say(due - this.#said);
    this.#said = due;
  }
}
