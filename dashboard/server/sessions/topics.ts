/** Tells viewers of sessions: of the list, and of one. */
import type { Topics } from '../watching.ts';

export function sessionTopics(): Pick<Topics, 'sessions' | 'session'> {
  const silent = { take: () => null, close: () => undefined };
  return { sessions: () => silent, session: () => silent };
}
