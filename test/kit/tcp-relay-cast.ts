/** The cast of conversations over the TCP relay. */
import { tcpRelay } from '../../protocol/tcp-relay/index.ts';
import { named } from './tcp-relay-wire.ts';
import { type Client, type Script, type Setting, transcript } from './transcript.ts';

export interface Cast extends Script {
  /** Connects, and says its name. */
  enters(name: string): Client;
}

export function plays(play: (cast: Cast) => void, setting?: Setting): () => void {
  return () =>
    transcript(
      tcpRelay,
      (script) => play({ ...script, enters: (name) => script.client(name).sends(named(name)) }),
      setting,
    );
}
