/** The status line of a tunnel. */
import type { TunnelStatus } from '../tunnel/tunnel.ts';
import { bytesText, plural } from './format.ts';

const LINKS: Readonly<Record<TunnelStatus['link'], string>> = {
  'no relay': 'waits for the relay',
  'no peer': 'waits for the other end',
  together: 'both ends are there',
};

/** `ms` have passed between the two. */
export function tunnelStatusText(before: TunnelStatus, now: TunnelStatus, ms: number): string {
  const rate = (bytes: number) => `${bytesText((bytes * 1000) / ms)}/s`;
  return [
    LINKS[now.link],
    `${plural(now.taken, 'connection')} taken, ${now.made} made`,
    `in ${rate(now.bytesIn - before.bytesIn)}, out ${rate(now.bytesOut - before.bytesOut)}`,
  ].join(' | ');
}
