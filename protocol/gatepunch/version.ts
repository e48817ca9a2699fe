/** Versions of GMnet GATE.PUNCH: numbers with dots between them, compared number by number. */

/** What this relay speaks, and the oldest that a game may. */
export const VERSION = '1.2.0';
export const VERSION_MIN = '1.2.0';

const VERSION_TEXT = /^[0-9]{1,9}(\.[0-9]{1,9}){0,3}$/;

/** Whether `text` is a version, and not older than `least`. Numbers that are left out are zeros. */
export function isAtLeast(text: string, least: string): boolean {
  if (!VERSION_TEXT.test(text)) return false;
  const [given, wanted] = [text, least].map((version) => version.split('.').map(Number)) as [
    number[],
    number[],
  ];
  for (let i = 0; i < Math.max(given.length, wanted.length); i++) {
    const difference = (given[i] ?? 0) - (wanted[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
