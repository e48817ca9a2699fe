/** `postreel/clients/dpea`: both ends of dpea, for programs in TypeScript. docs/clients.md tells how they are used. */
export { DpeaClient, type DpeaOptions } from './client.ts';
export { type DpeaPacket, type DpeaTypes } from './connection.ts';
export { DpeaServer } from './server.ts';
export { type Wait } from '../wait.ts';
