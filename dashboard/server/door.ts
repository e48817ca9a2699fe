/**
 * Who may come into the dashboard: whoever names the token, or has a cookie that stands for it.
 *
 * The rule: a cookie is sent by a browser whoever makes it ask, so what changes anything, and the WebSocket, take one
 * only from a page that says that it is ours. The cookie is a keyed digest, and the key dies with the program:
 * who finds one learns nothing of the token, and a program that is started again has everybody name it anew.
 */
import { createHmac } from 'node:crypto';
import {
  type Asker,
  elsewhere,
  foreignPage,
  isToken,
  namedToken,
  NO_TOKEN,
  type Refusal,
} from './permission.ts';

/** One who asks for something of the dashboard. */
export interface Visitor extends Asker {
  /** What its cookie says. */
  readonly cookie: string | undefined;
}

/** `open` is for all who are no foreign page, `read` for who may look, `own` for who may change things as well. */
export type Wish = 'open' | 'read' | 'own';

export interface Verdict {
  readonly refusal: Refusal | null;
  /** Whether it named the token, and rightly: those who guess are to be slowed. Null where it named none. */
  readonly guess: boolean | null;
}

export class Door {
  readonly #token: string | null;
  /** What the cookie of those says who named the token. */
  readonly #pass: string;

  constructor(token: string | null, key: string) {
    this.#token = token;
    this.#pass = createHmac('sha256', key)
      .update(token ?? '')
      .digest('base64url');
  }

  judge(visitor: Visitor, wish: Wish): Verdict {
    const guess = this.#guess(namedToken(visitor));
    return { refusal: this.#refusal(visitor, wish, guess), guess };
  }

  /** Whether the token is asked for, and this visitor has not shown that it knows it. */
  needsToken(visitor: Visitor): boolean {
    return this.#token !== null && this.#guess(namedToken(visitor)) !== true && !this.#hasPass(visitor);
  }

  /** The cookie for one who names the token; null for one who does not. */
  passFor(token: string): string | null {
    return this.#guess(token) === false ? null : this.#pass;
  }

  #refusal(visitor: Visitor, wish: Wish, guess: boolean | null): Refusal | null {
    const foreign = foreignPage(visitor);
    if (foreign !== null) return foreign;
    if (this.#token === null) return elsewhere(visitor);
    if (wish === 'open' || guess === true) return null;
    if (!this.#hasPass(visitor)) return NO_TOKEN;
    if (wish === 'own' && visitor.headers['origin'] === undefined)
      return { status: 403, error: 'with a cookie this is for our own page, which says so (Origin)' };
    return null;
  }

  #guess(named: string | null): boolean | null {
    return named === null || this.#token === null ? null : isToken(named, this.#token);
  }

  #hasPass({ cookie }: Visitor): boolean {
    return cookie !== undefined && isToken(cookie, this.#pass);
  }
}
