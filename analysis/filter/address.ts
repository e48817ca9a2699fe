/** IP addresses as captures write them, from any of the ways in which people do. */

/** Null if it is none. */
export function canonicalAddress(text: string): string | null {
  const [address = '', ...zones] = text.split('%');
  if (zones.length > 1 || zones[0] === '') return null;
  const zone = zones[0] === undefined ? '' : `%${zones[0]}`;
  if (!address.includes(':')) return zone === '' && octets(address) !== null ? dotted(address) : null;
  const groups = groupsOf(address.toLowerCase());
  if (groups === null) return null;
  // Captures have IPv4 in its own notation, never as ::ffff:a.b.c.d.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high, low] = groups.slice(6) as [number, number];
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  return compressed(groups) + zone;
}

function octets(text: string): readonly number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return null;
  return parts.map(Number);
}

function dotted(text: string): string | null {
  return octets(text)?.join('.') ?? null;
}

/** Eight numbers. */
function groupsOf(text: string): readonly number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [front, back] = halves.map((half, i) => partsOf(half, i === halves.length - 1));
  if (front === null || back === null || front === undefined) return null;
  if (back === undefined) return front.length === 8 ? front : null;
  const missing = 8 - front.length - back.length;
  return missing < 1 ? null : [...front, ...new Array<number>(missing).fill(0), ...back];
}

/** The last group may be two, written as an IPv4 address. */
function partsOf(text: string, isLast: boolean): readonly number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const tail = isLast ? octets(parts.at(-1) as string) : null;
  const numbers = tail === null ? parts : parts.slice(0, -1);
  if (!numbers.every((part) => /^[0-9a-f]{1,4}$/.test(part))) return null;
  const groups = numbers.map((part) => Number.parseInt(part, 16));
  if (tail !== null) {
    const [a, b, c, d] = tail as [number, number, number, number];
    groups.push(a * 256 + b, c * 256 + d);
  }
  return groups;
}

/** The longest run of two zeros or more, the first of them if there are several, is left out. */
function compressed(groups: readonly number[]): string {
  let [at, length] = [0, 1];
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (groups[end] === 0) end++;
    if (end - i > length) [at, length] = [i, end - i];
  }
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return text(groups);
  return `${text(groups.slice(0, at))}::${text(groups.slice(at + length))}`;
}
