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

/** `20480`, `20K`, `2M`: sizes of buffers, in bytes where there is no letter. */
export const parseBytes = (word: string | undefined): number | undefined => sizeOf(word, 1, 1024);

/** `150`, `150K`: thresholds of congestion control. */
export const parseThreshold = (word: string | undefined): number | undefined => sizeOf(word, ECN_UNIT_BYTES, ECN_UNIT_BYTES);

function sizeOf(word: string | undefined, plainBytes: number, kiloBytes: number): number | undefined {
  const match = /^(\d{1,12})([KM])?$/i.exec(word ?? '');
  if (match === null) return undefined;
  const unit = match[2] === undefined ? plainBytes : match[2].toUpperCase() === 'K' ? kiloBytes : kiloBytes * kiloBytes;
  return Number(match[1]) * unit;
}

/** The manual has thresholds in KB, and does not say of how many bytes: here they are what `KB` is in a fabric file. */
export const ECN_UNIT_BYTES = 1000;

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
