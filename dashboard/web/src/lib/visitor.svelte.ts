/**
 * Who looks at the page: what the server says that they may do, and the token where one is asked for.
 *
 * The rule: a token in the address (`#token=...`) is used once and taken out of it before anything else is done, so that it ends
 * up in no history and no link. The page itself keeps none: the server's cookie stands for it.
 */
import { call, door } from './api.ts';
import type { Who } from '../../../api/routes.ts';

class Visitor {
  /** Null until the server has said so. */
  who = $state.raw<Who | null>(null);
  error = $state.raw<Error | null>(null);

  constructor() {
    door.onShut = () => void this.lookAgain();
  }

  /** Whether one is still let in, when there is reason to doubt it. What was known stays where nobody answers. */
  async lookAgain(): Promise<void> {
    if (this.who === null) return;
    this.who = await call('who', {}).catch(() => this.who);
  }

  /** Asks who this is; with the token of the address, where there is one. Never rejects. */
  async arrive(): Promise<void> {
    const token = takeToken();
    if (token !== null) await this.login(token);
    else await this.#look();
  }

  /** Whether the token was right. */
  async login(token: string): Promise<boolean> {
    try {
      await call('login', { body: { token } });
    } catch (error) {
      this.error = error as Error;
      if (this.who === null) await this.#look(this.error);
      return false;
    }
    await this.#look();
    return this.error === null;
  }

  async #look(before: Error | null = null): Promise<void> {
    try {
      this.who = await call('who', {});
      this.error = before;
    } catch (error) {
      this.error = error as Error;
    }
  }
}

function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return null;
  history.replaceState(history.state, '', `${location.pathname}${location.search}`);
  return token;
}

export const visitor = new Visitor();
