/**
 * A colour for each player, kept wherever the player is shown.
 *
 * The rule: the address chooses the colour, so that it is the same in every session; two who play together never
 * share one while there are any left, and the one who came later gives way. Colours are never the only sign: players
 * have their names beside them.
 */

/** Told apart by the colour-blind: they differ in lightness as well. See `--player-0` to `--player-9` in theme.css. */
export const PLAYER_COLOURS = 10;

function preferred(player: string): number {
  let hash = 2166136261;
  for (let at = 0; at < player.length; at++) hash = Math.imul(hash ^ player.charCodeAt(at), 16777619);
  return ((hash >>> 0) ^ (hash >>> 15)) % PLAYER_COLOURS;
}

/** By player, in the order in which they came: the number of a colour. */
export function playerColours(players: readonly string[]): ReadonlyMap<string, number> {
  const colours = new Map<string, number>();
  const taken = new Set<number>();
  for (const player of players) {
    if (colours.has(player)) continue;
    if (taken.size === PLAYER_COLOURS) taken.clear();
    let colour = Math.abs(preferred(player)) % PLAYER_COLOURS;
    while (taken.has(colour)) colour = (colour + 1) % PLAYER_COLOURS;
    taken.add(colour);
    colours.set(player, colour);
  }
  return colours;
}

/** For `style`. */
export function colourOf(colours: ReadonlyMap<string, number>, player: string | null): string {
  const colour = player === null ? undefined : colours.get(player);
  return colour === undefined ? 'var(--text-3)' : `var(--player-${colour})`;
}
