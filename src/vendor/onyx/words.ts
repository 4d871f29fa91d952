/** Values in the words of Onyx. */

const GIGABITS = [1, 10, 25, 40, 50, 56, 100, 200, 400];

/** `25G`. Undefined: no port has this speed. */
export const speedWord = (bitsPerSecond: number): string | undefined => {
  const gigabits = bitsPerSecond / 1e9;
  return GIGABITS.includes(gigabits) ? `${gigabits}G` : undefined;
};

/** `25G`, `100Gx4` with its lanes, and `40000` in Mb/s as MLNX-OS had it. */
export function parseSpeed(word: string): number | undefined {
  const gigabits = /^(\d{1,3})G(?:x\d)?$/i.exec(word)?.[1];
  if (gigabits !== undefined) return Number(gigabits) * 1e9;
  return /^\d{4,6}$/.test(word) ? Number(word) * 1e6 : undefined;
}

/** `150`, `150K`, `2M`: `plain` bytes where there is no letter. */
export function parseBytes(word: string | undefined, plain: number): number | undefined {
  const match = /^(\d{1,12})([KM])?$/i.exec(word ?? '');
  if (match === null) return undefined;
  const unit = match[2] === undefined ? plain : match[2].toUpperCase() === 'K' ? 1024 : 1024 ** 2;
  return Number(match[1]) * unit;
}

/** Thresholds of congestion control are in kilobytes of 1024 bytes. */
export const ECN_UNIT_BYTES = 1024;

export const MTU_LEAST = 1500;
export const MTU_MOST = 9216;

export const TRUST_WORDS = { pcp: 'L2', dscp: 'L3', both: 'both' } as const;

/** Which addresses choose the port of a port-channel; the switch has one choice for all of them. */
export const HASH_WORDS = {
  layer2: 'source-destination-mac',
  'layer2+3': 'source-destination-mac source-destination-ip',
  'layer3+4': 'source-destination-ip source-destination-port',
} as const;

/** How classes are served where nobody says anything: 12 and 13 of 100 by turns, each with the priority of its number. */
export const defaultWeight = (trafficClass: number): number => (trafficClass % 2 === 0 ? 12 : 13);
