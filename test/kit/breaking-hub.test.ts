/** What a breaker is told, since mutants can be no better than that. */
import { expect, test } from 'vitest';
import { adhocctl } from '../../protocol/adhocctl/index.ts';
import { postoffice } from '../../protocol/postoffice/index.ts';
import type { Protocol } from '../../protocol/types.ts';
import { withPayload } from './breaking-hub.ts';
import { startMutant } from './mutants.ts';
import { sitAtPostoffice, sitInLobby } from './sitting.ts';
import { player, ptp } from './socket-client.ts';

/** Everything that a breaker hears in a sitting: kind, from, to, whose frame set it off, and its place. */
async function heardBy(protocol: Protocol): Promise<string[]> {
  const heard: string[] = [];
  const running = await startMutant({
    name: 'listens',
    what: 'breaks nothing',
    protocol,
    expects: [],
    breaks: () => ({
      letter({ from, to, kind, cause, index }) {
        const name = protocol.frames[kind]!.name;
        const [source, because] = [from?.endpoint ?? 'relay', cause?.endpoint ?? 'nobody'];
        if (from !== to) heard.push(`${name} ${index}: ${source} to ${to.endpoint} because of ${because}`);
        return false;
      },
      missed: (from) => heard.push(`missed: from ${from.endpoint}`),
      opened: ({ role, endpoint }) => heard.push(`opened: ${role} ${endpoint}`),
      gone: ({ role, endpoint }) => heard.push(`gone: ${role} ${endpoint}`),
    }),
  });
  if (protocol === postoffice) await sitAtPostoffice(running.port);
  else await sitInLobby(running.adhocctlPort, running.port);
  // Those who sat there have just gone.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await running.stop();
  return heard;
}

const [A, B, C] = [1, 2, 3].map((n) => `${player(n).mac}/${player(n).port}`) as [string, string, string];
const [a, b, c] = [1, 2, 3].map((n) => player(n).mac) as [string, string, string];

test('a breaker hears of every letter, in its place and because of whom it is sent', async () => {
  const heard = await heardBy(postoffice);
  expect(heard.filter((line) => line.startsWith('pdp-delivered'))).toHaveLength(120 + 4 + 1);
  expect(heard).toContain(`pdp-delivered 119: ${A} to ${B} because of ${A}`);
  // Also after its receiver has come back.
  expect(heard).toContain(`pdp-delivered 2: ${A} to ${C} because of ${A}`);
  expect(heard).toContain(`missed: from ${A}`);
  // Who calls sets off the request; where the listener comes later, it is the listener.
  expect(heard).toContain(`ptp-request 0: relay to ${b}/2000 because of ${a}/2001`);
  expect(heard).toContain(`ptp-request 0: relay to ${b}/2002 because of ${b}/2002`);
  // A listener and who accepts for it are one end of one conversation.
  expect(heard).toContain(`ptp-ready 1: relay to ${b}/2000 because of ${b}/2000`);
  expect(heard.filter((line) => line === `opened: pdp ${C}`)).toHaveLength(2);
  expect(heard.filter((line) => line === `gone: pdp ${C}`)).toHaveLength(2);
});

test('a breaker hears of what an end sets off, which is because of nobody', async () => {
  const heard = await heardBy(adhocctl);
  expect(heard).toContain(`peer-connected 1: relay to ${a} because of ${b}`);
  expect(
    heard.filter((line) => /^peer-disconnected .* because of nobody$/.test(line)).length,
  ).toBeGreaterThan(0);
  expect(heard).toContain(`peer-disconnected 3: relay to ${a} because of ${b}`);
  expect(heard).toContain(`gone: player ${c}`);
});

test('a frame keeps its header when it gets another payload, but for the size', () => {
  const block = withPayload(ptp('a long block'), 4, Buffer.from('short'));
  expect(Buffer.from(block)).toEqual(ptp('short'));
});
