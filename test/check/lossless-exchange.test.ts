/**
 * Two ends of a link with whatever can be said of them, against a plain reading of the standard (IEEE 802.1Q Annex D.2): where nothing is found
 * both ends work with the same priorities, and where a difference is found they do not.
 */
import { expect, it } from 'vitest';
import { below, chance, type Rng, seededRng } from '../../src/base/rng.ts';
import { checkDeclaration } from '../../src/check/check-fabric.ts';

const RUNS = 400;
const SEED = 1110;

const pick = <T>(rng: Rng, from: readonly T[]): T => from[below(rng, from.length)]!;

interface End {
  readonly dcbx: 'none' | 'cee' | 'ieee' | 'auto';
  readonly willing: boolean;
  readonly agents: readonly string[];
  readonly pfc: readonly number[];
}

const randomEnd = (rng: Rng): End => ({
  dcbx: pick(rng, ['none', 'cee', 'ieee', 'ieee', 'auto']),
  willing: chance(rng, 0.5),
  agents: chance(rng, 0.1) ? ['firmware', 'os'] : ['firmware'],
  pfc: pick(rng, [[], [3], [3], [4], [3, 4]]),
});

/** What the ends work with; undefined: nobody can say. */
function operational(one: End, other: End, lldp: boolean): readonly [string, string] | undefined {
  const own = [one.pfc.join(), other.pfc.join()] as const;
  const speak = one.dcbx !== 'none' && other.dcbx !== 'none' && lldp;
  const understand = one.dcbx === 'auto' || other.dcbx === 'auto' || one.dcbx === other.dcbx;
  // A willing end that hears nobody has what it had: its own, or its defaults.
  if (!speak || !understand) return [one, other].some((end) => end.willing && end.dcbx !== 'none') ? undefined : own;
  if (one.agents.length > 1 || other.agents.length > 1) return undefined;
  if (one.willing && other.willing) return own[0] === own[1] ? own : undefined;
  if (one.willing) return [own[1], own[1]];
  return other.willing ? [own[0], own[0]] : own;
}

const DIFFERENT = ['SW-1110', 'SW-1111', 'SW-1125'];
const UNCERTAIN = ['SW-1124', 'SW-1126', 'SW-1127', 'SW-1128', 'SW-1131'];

it(`agrees with the standard (seed ${SEED})`, () => {
  const rng = seededRng(SEED);
  const seen = new Set<string>();
  for (let run = 0; run < RUNS; run += 1) {
    const [one, other, lldp] = [randomEnd(rng), randomEnd(rng), chance(rng, 0.9)] as const;
    const { problems } = checkDeclaration(
      {
        version: 1,
        name: 'pair',
        hosts: { esx1: { nics: { nic0: { dcb: one } } } },
        switches: { tor1: { lldp, ports: { 1: { dcb: other } } } },
        links: [['esx1:nic0', 'tor1:1']],
      },
      'pair',
    );
    const found = problems.map(({ rule }) => rule);
    for (const rule of found) seen.add(rule);
    const result = operational(one, other, lldp);
    const told = `run ${run}: ${JSON.stringify({ one, other, lldp, found })}`;
    if (result === undefined) expect([told, found.some((rule) => UNCERTAIN.includes(rule))]).toEqual([told, true]);
    else expect([told, found.some((rule) => DIFFERENT.includes(rule))]).toEqual([told, result[0] !== result[1]]);
  }
  // Every rule about it had something to say.
  expect([...DIFFERENT, ...UNCERTAIN].filter((rule) => !seen.has(rule))).toEqual([]);
});
