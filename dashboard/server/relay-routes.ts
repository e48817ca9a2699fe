/** What other programs ask of the relay over HTTP: who plays what, and to let in whom another control server lists. */
import type { FastifyInstance } from 'fastify';
import type { Backend, Census } from './backend.ts';
import { dataJson } from './data-json.ts';
import { guardChange } from './entry.ts';
import { readGameList } from './game-list.ts';
import { GroupKeys } from './group-keys.ts';
import type { Guesses } from './guesses.ts';

export interface RelayRoutes {
  /** Who names it may send lists of players, from anywhere; null for none, and then only this machine may. */
  readonly listToken: string | null;
  /** This relay runs its own control server, so that no other may say who is logged in. */
  readonly hasControlServer: boolean;
}

export function registerRelay(
  app: FastifyInstance,
  backend: Backend,
  { listToken, hasControlServer }: RelayRoutes,
  guesses: Guesses,
): void {
  let told: { readonly census: Census; readonly text: string } | null = null;
  app.get('/data.json', async (_request, reply) => {
    const census = await backend.census();
    if (told?.census !== census) told = { census, text: JSON.stringify(dataJson(census)) };
    return reply
      .header('access-control-allow-origin', '*')
      .type('application/json; charset=utf-8')
      .send(told.text);
  });

  const groupKeys = new GroupKeys();
  const changes = { onRequest: guardChange(listToken, guesses) };
  app.post('/game_list_sync', changes, async ({ body }, reply) => {
    if (hasControlServer)
      return reply.code(409).send({
        error:
          'this relay runs its own control server, and two cannot both say who is logged in: start it with --no-adhocctl',
      });
    const players = groupKeys.assign(readGameList(body));
    await backend.listPlayers(players);
    return { players: players.length };
  });
}
