/** What a link looks like, from how it is: its colour and width tell its load, its marks what is wrong with it. */
import type { LinkFaults, LinkState, TopologyLink } from '../../../src/server/page.ts';

/** 0: idle, 1: below 25 %, 2: below 50 %, 3: below 75 %, 4: more. */
export type Level = 0 | 1 | 2 | 3 | 4;

export const LEVELS: readonly { readonly level: Level; readonly words: string; readonly width: number }[] = [
  { level: 0, words: 'idle', width: 1.25 },
  { level: 1, words: 'below 25 %', width: 2 },
  { level: 2, words: 'below 50 %', width: 3 },
  { level: 3, words: 'below 75 %', width: 4 },
  { level: 4, words: '75 % and more', width: 5.5 },
];

export interface Look {
  readonly level: Level;
  readonly isCut: boolean;
  /** It loses, spoils, doubles or reorders frames, as it was told to. */
  readonly isFaulty: boolean;
  readonly isDropping: boolean;
  /** The end that sends more; undefined: none, or both much the same. */
  readonly heavier: 0 | 1 | undefined;
}

export const PLAIN: Look = { level: 0, isCut: false, isFaulty: false, isDropping: false, heavier: undefined };

/** Below it a link is idle: the hellos of switches and keepalives don't make a picture. */
export const IDLE_BITS_PER_SECOND = 2_000;
/** How much more one direction has to carry to be called the heavier one. */
const HEAVIER_BY = 1.25;

export function levelOf(load: number, bitsPerSecond: number): Level {
  if (bitsPerSecond < IDLE_BITS_PER_SECOND) return 0;
  if (load < 0.25) return 1;
  if (load < 0.5) return 2;
  return load < 0.75 ? 3 : 4;
}

export function lookOf(state: LinkState | undefined): Look {
  if (state === undefined) return PLAIN;
  const [one, other] = state.ends;
  const most = Math.max(one.bitsPerSecond, other.bitsPerSecond);
  const level = state.up ? levelOf(Math.max(one.load, other.load), most) : 0;
  const isOne = one.bitsPerSecond > other.bitsPerSecond;
  const least = Math.min(one.bitsPerSecond, other.bitsPerSecond);
  return {
    level,
    isCut: !state.up,
    isFaulty: faultsOf(state.faults).length > 0,
    isDropping: one.dropsPerSecond + other.dropsPerSecond > 0,
    heavier: level === 0 || most < least * HEAVIER_BY ? undefined : isOne ? 0 : 1,
  };
}

const FAULTS = { loss: 'lost', corruption: 'spoilt', duplication: 'doubled', reordering: 'reordered' } as const;

/** `1 % lost`. */
export const faultsOf = (faults: LinkFaults): string[] =>
  (Object.keys(FAULTS) as (keyof typeof FAULTS)[])
    .filter((fault) => faults[fault] > 0)
    .map((fault) => `${percent(faults[fault])} ${FAULTS[fault]}`);

export const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;

/** Several links that are drawn as one show the worst of them. */
export function worst(looks: readonly Look[]): Look {
  const busiest = looks.reduce((most, look) => (look.level > most.level ? look : most), looks[0] ?? PLAIN);
  return {
    level: busiest.level,
    isCut: looks.some(({ isCut }) => isCut),
    isFaulty: looks.some(({ isFaulty }) => isFaulty),
    isDropping: looks.some(({ isDropping }) => isDropping),
    heavier: busiest.heavier,
  };
}

const UNITS = ['b/s', 'kb/s', 'Mb/s', 'Gb/s', 'Tb/s'] as const;

/** Three digits: `4.21 Gb/s`, `980 Mb/s`. */
export function rateWords(bitsPerSecond: number): string {
  let [value, unit] = [Math.max(0, bitsPerSecond), 0];
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** As it is printed on switches: `25G`, `100M`. */
export function speedWords(bitsPerSecond: number): string {
  if (bitsPerSecond >= 1e9) return `${Number((bitsPerSecond / 1e9).toPrecision(3))}G`;
  return bitsPerSecond >= 1e6 ? `${Number((bitsPerSecond / 1e6).toPrecision(3))}M` : bitsPerSecond > 0 ? `${bitsPerSecond}` : '';
}

/** What a link is called when nothing can be seen of it. */
export function linkWords(link: TopologyLink, state: LinkState | undefined): string {
  const [one, other] = link.ends;
  const words = [`link ${one.node} ${one.port} to ${other.node} ${other.port}`];
  if (link.kind !== 'link') words[0] = `${link.kind === 'attachment' ? 'attached' : 'published'}: ${link.id}`;
  if (link.rateBitsPerSecond > 0) words.push(speedWords(link.rateBitsPerSecond));
  if (state === undefined) return words.join(', ');
  const look = lookOf(state);
  if (look.isCut) words.push('cut');
  else if (look.level === 0) words.push('idle');
  else {
    words.push(
      `${one.node} sends ${rateWords(state.ends[0].bitsPerSecond)}`,
      `${other.node} sends ${rateWords(state.ends[1].bitsPerSecond)}`,
    );
  }
  words.push(...faultsOf(state.faults).map((fault) => `${fault} of frames`));
  const drops = state.ends[0].dropsPerSecond + state.ends[1].dropsPerSecond;
  if (drops > 0) words.push(`${Math.ceil(drops)} frames dropped a second`);
  return words.join(', ');
}
