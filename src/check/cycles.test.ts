import { expect, it } from 'vitest';
import { below, seededRng } from '../base/rng.ts';
import { cyclicEdges, type Edge } from './cycles.ts';

const edges = (text: string): Edge[] => text.split(' ').map((edge) => [edge[0]!, edge[1]!]);
const cyclic = (text: string): string => {
  const all = edges(text);
  return [...cyclicEdges(all)].map((index) => all[index]!.join('')).join(' ');
};

it('a bridge is on no cycle, also between two', () => {
  expect(cyclic('ab bc ca cd de ef fd')).toBe('ab bc ca de ef fd');
  expect(cyclic('ab bc bd')).toBe('');
  expect(cyclicEdges([])).toEqual(new Set());
});

it('two edges between the same nodes are a cycle, and so is one from a node to itself', () => {
  expect(cyclic('ab bc ba')).toBe('ab ba');
  expect(cyclic('ab bb')).toBe('bb');
});

it('a long chain is no trouble', () => {
  const chain = Array.from({ length: 20_000 }, (_, index): Edge => [`${index}`, `${index + 1}`]);
  expect(cyclicEdges(chain).size).toBe(0);
  expect(cyclicEdges([...chain, ['0', '20000']]).size).toBe(20_001);
});

/** The plain way: an edge is on a cycle if its ends stay joined without it. */
function slowly(all: readonly Edge[]): Set<number> {
  const joined = (without: number): boolean => {
    const [from, to] = all[without]!;
    const reached = new Set([from]);
    for (let grew = true; grew; ) {
      grew = false;
      for (const [index, [a, b]] of all.entries()) {
        if (index === without || reached.has(a) === reached.has(b)) continue;
        reached.add(a).add(b);
        grew = true;
      }
    }
    return reached.has(to);
  };
  return new Set([...all.keys()].filter(joined));
}

it('is what the plain way finds', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const rng = seededRng(seed);
    const nodes = 2 + below(rng, 8);
    const all = Array.from({ length: below(rng, 12) }, (): Edge => [`${below(rng, nodes)}`, `${below(rng, nodes)}`]);
    expect([...cyclicEdges(all)].toSorted(), `seed ${seed}: ${all.join(' ')}`).toEqual([...slowly(all)].toSorted());
  }
});
