/** The cast of adhocctl conversations, and what they do all the time. */
import { noGames } from '../../protocol/adhocctl/games.ts';
import { AdhocctlHub, type AdhocctlSettings } from '../../protocol/adhocctl/hub.ts';
import { adhocctl } from '../../protocol/adhocctl/index.ts';
import { bssid, connect, login, type Person, person } from './adhocctl-wire.ts';
import { type Client, type Script, type Setting, transcript } from './transcript.ts';

export const ANN = person('02aabbccdd01', 'Ann');
export const BOB = person('02aabbccdd02', 'Bob');
export const CID = person('02aabbccdd03', 'Cid');
export const DAN = person('02aabbccdd04', 'Dan');

export function plays(play: (script: Script) => void, setting?: Setting): () => void {
  return () => transcript(adhocctl, play, setting);
}

/** With a hub that is made with settings. */
export function playsWith(settings: Partial<AdhocctlSettings>, play: (script: Script) => void): () => void {
  const all: AdhocctlSettings = { games: noGames, addresses: 'numbers', ...settings };
  const protocol = { ...adhocctl, createHub: (context) => new AdhocctlHub(context, all) } as typeof adhocctl;
  return () => transcript(protocol, play);
}

export function enters(script: Script, who: Person, address?: string): Client {
  return script.client(who.nickname, address).sends(login(who));
}

/** Logs in and founds a group, which nobody has to hear of. */
export function founds(script: Script, who: Person, group = 'G', address?: string): Client {
  const client = enters(script, who, address).sends(connect(group));
  client.hears(bssid(who));
  return client;
}
