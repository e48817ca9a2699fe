/** Waits until the relay has dealt with all that was sent to it so far, without sleeping. */
import { addressBytes, Client, Init, pdp, player } from './socket-client.ts';

/**
 * A player that talks to itself. What others wrote before its datagram is in the relay's sockets by
 * then, and what comes back leaves at the end of the turn in which all of them were read. Twice,
 * because a new connection is accepted in one turn and read in the next.
 */
export class Barrier {
  readonly #client: Client;
  readonly #self = player(0xf000);

  private constructor(client: Client) {
    this.#client = client;
  }

  static async open(port: number): Promise<Barrier> {
    return new Barrier(await Client.open(port, Init.pdp, player(0xf000)));
  }

  async pass(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      this.#client.send(pdp(this.#self, 'barrier'));
      const { from } = await this.#client.datagram();
      if (!from.equals(addressBytes(this.#self))) throw new Error('a stray datagram at the barrier');
    }
  }

  async close(): Promise<void> {
    this.#client.end();
    await this.#client.closed;
  }
}
