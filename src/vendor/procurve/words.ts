/** Words of ProCurve for values of the fabric file. */

/** `speed-duplex` by megabits a second: ports still settle duplex with their neighbour. */
export const SPEEDS: ReadonlyMap<number, string> = new Map([
  [10, 'auto-10'],
  [100, 'auto-100'],
  [1000, 'auto-1000'],
  [10_000, 'auto-10g'],
]);

/** `auto` says no speed, `auto-10-100` says two. Undefined: no such word. */
export function megabitsOf(word: string): number | 'any' | undefined {
  if (word === 'auto' || word === 'auto-10-100') return 'any';
  const match = /^(?:auto-)?(\d{1,4})(g)?(?:-(?:half|full))?$/.exec(word);
  return match === null ? undefined : Number(match[1]) * (match[2] === undefined ? 1 : 1000);
}

/** The IP MTU of VLANs with jumbo frames (`jumbo ip-mtu`), where nobody says another one. */
export const JUMBO_MTU_BYTES = 9198;
export const USUAL_MTU_BYTES = 1500;

/** Codepoints as switches print them: six bits, a number, or a name (RFC 2474, 2597, 3246). */
export function codepointOf(word: string): number | undefined {
  if (/^[01]{6}$/.test(word)) return Number.parseInt(word, 2);
  if (/^\d{1,2}$/.test(word)) return Number(word) < 64 ? Number(word) : undefined;
  const assured = /^af([1-4])([1-3])$/i.exec(word);
  if (assured !== null) return Number(assured[1]) * 8 + Number(assured[2]) * 2;
  const selector = /^cs([0-7])$/i.exec(word);
  if (selector !== null) return Number(selector[1]) * 8;
  if (word === 'default') return 0;
  return word.toLowerCase() === 'ef' ? 46 : undefined;
}
