/** The cast of PTP conversations: somebody who listens, and somebody who connects to them. */
import { postoffice } from '../../protocol/postoffice/index.ts';
import { accept, address, connect, endpoint, listen } from './postoffice-wire.ts';
import { type Client, type Script, transcript } from './transcript.ts';

export const LEA = address('02aabbccdd01', 12345);
export const CON = address('02aabbccdd02', 23456);
export const DAN = address('02aabbccdd03', 34567);

export function plays(script: (script: Script) => void): () => void {
  return () => transcript(postoffice, script);
}

/** Both ends of the stream between the two hear that it stands. */
export function join(connector: Client, acceptor: Client): void {
  connector.hears(endpoint(LEA));
  acceptor.hears(endpoint(CON));
}

export interface Joined extends Script {
  readonly listener: Client;
  readonly connector: Client;
  readonly acceptor: Client;
}

/** A listener, and a stream that it has accepted. */
export function joined(script: (joined: Joined) => void): () => void {
  return plays((given) => {
    const listener = given.client('listener').sends(listen(LEA));
    const connector = given.client('connector').sends(connect(CON, LEA));
    listener.hears(endpoint(CON));
    const acceptor = given.client('acceptor').sends(accept(LEA, CON));
    join(connector, acceptor);
    script({ ...given, listener, connector, acceptor });
  });
}
