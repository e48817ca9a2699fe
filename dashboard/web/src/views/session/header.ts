/** What the header of a session says, in words. */
import type { SessionDetail } from '../../../../api/sessions.ts';
import { countText, durationText, plural } from '../../lib/format.ts';

export const endTexts: Readonly<Record<NonNullable<SessionDetail['ended']>, string>> = {
  left: 'everybody left',
  lost: 'ended as the last connection was lost',
  stopped: 'ended as the relay was stopped',
  unclean: 'ended as the recording broke off',
};

/** Of more gaps, only how many they are is said. */
export const GAPS_SHOWN_MAX = 3;

export function gameText({ game, gameName }: Pick<SessionDetail, 'game' | 'gameName'>): {
  readonly title: string;
  readonly code: string;
} {
  const title = gameName === '' ? game : gameName;
  return { title: title === '' ? 'Unknown game' : title, code: title === game ? '' : game };
}

/** From where somebody plays: an address, or how many. */
export function addressOf({ lanes }: Pick<SessionDetail, 'lanes'>, player: string): string {
  const all = lanes
    .filter((lane) => lane.player === player)
    .map(({ address }) => address.replace(/:\d+$/, ''));
  const addresses = [...new Set(all)];
  return addresses.length > 1 ? plural(addresses.length, 'address', 'addresses') : (addresses[0] ?? '');
}

export function delayText({ delayP50, delayP99 }: Pick<SessionDetail, 'delayP50' | 'delayP99'>): string {
  if (delayP50 === null || delayP99 === null) return '';
  return `${durationText(delayP50)} in the relay, 99 % under ${durationText(delayP99)}`;
}

/** `12 frames missing at 5.3 s: the recorder could not keep up`, with an address where one sees it. */
export function gapLines({
  id,
  started,
  gaps,
  gapsBeyond,
}: Pick<SessionDetail, 'id' | 'started' | 'gaps' | 'gapsBeyond'>): readonly {
  readonly text: string;
  readonly href: string | null;
}[] {
  const lines = gaps.slice(0, GAPS_SHOWN_MAX).map((gap) => ({
    text: gapText(gap, started),
    href: `/sessions/${id}/frames?frame=${gap.first}`,
  }));
  const rest = gaps.slice(GAPS_SHOWN_MAX);
  const others = rest.length + gapsBeyond;
  if (others === 0) return lines;
  const frames = rest.reduce((sum, each) => sum + each.frames, 0);
  const least = gapsBeyond === 0 ? '' : 'at least ';
  const text = `and ${plural(others, 'more gap')}, with ${least}${plural(frames, 'frame')}`;
  return [...lines, { text, href: null }];
}

/** `origin` is since when times are told. */
export function gapText(
  { frames, events, noticed, reason }: SessionDetail['gaps'][number],
  origin: number,
): string {
  const missing = [
    ...(frames > 0 || events === 0 ? [plural(frames, 'frame')] : []),
    ...(events > 0 ? [`${countText(events)} connection ${events === 1 ? 'event' : 'events'}`] : []),
  ];
  return `${missing.join(' and ')} missing at ${((noticed - origin) / 1e9).toFixed(1)} s: ${reason}`;
}
