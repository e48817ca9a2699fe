/** `postreel/clients/alphanet`: virtual sockets for programs in TypeScript. docs/clients.md tells how they are used. */
export { AlphanetClient, type AlphanetOptions, type VirtualSocketStatus } from './client.ts';
export { VirtualListener } from './listener.ts';
export { VirtualSocket } from './socket.ts';
export { type Wait } from '../wait.ts';
