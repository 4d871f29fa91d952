/** Random but sound Data Center Bridging: classes that share out all priorities and 100 %, no loss only where a class has a share. */
import { type Picker, type Written, written } from './pick.ts';

/** Parts that a generator can be told to leave out, where a dialect has no words for them. */
export type DcbPart =
  | 'dcbx'
  | 'willing'
  | 'agents'
  | 'trust'
  | 'trustBoth'
  | 'pfc'
  | 'classes'
  | 'strict'
  | 'classNames'
  | 'applications'
  | 'dscp'
  | 'buffers'
  | 'marks';

const PRIORITIES = [0, 1, 2, 3, 4, 5, 6, 7] as const;

export function generateDcb(pick: Picker, has: (part: DcbPart) => boolean, most = 1): Written {
  const said = <Value>(part: DcbPart, make: () => Value): Value | undefined => (has(part) && pick.maybe(0.6 * most) ? make() : undefined);
  const pfc = said('pfc', () => pick.some(PRIORITIES, 0, 2));
  return written({
    dcbx: said('dcbx', () => pick.one(['none', 'cee', 'ieee', 'auto'])),
    willing: said('willing', () => pick.maybe(0.5)),
    agents: said('agents', () => [pick.one(['firmware', 'os'])]),
    trust: said('trust', () => pick.one(has('trustBoth') ? ['pcp', 'dscp', 'both'] : ['pcp', 'dscp'])),
    pfc,
    classes: said('classes', () => generateClasses(pick, has)),
    applications: said('applications', () => {
      const protocols = pick.some(['iscsi', 'fcoe', 'roce-v1', 'tcp:445', 'udp:4791', 'ethertype:0x8914'], 1, 3);
      return protocols.map((protocol) => ({ protocol, priority: pick.between(0, 7) }));
    }),
    dscp: said('dscp', () => numbered(pick.some([8, 10, 18, 24, 26, 34, 40, 46, 48], 1, 4).map((dscp) => [dscp, pick.between(0, 7)]))),
    buffers: said('buffers', () => generateBuffers(pick, pfc ?? [])),
    marks: said('marks', () =>
      numbered(
        pick.some([1, 2, 3, 4, 5], 1, 2).map((trafficClass) => {
          // Whole thousands and whole kibibytes at once: products count in either.
          const min = 128_000 * pick.between(1, 4);
          return [
            trafficClass,
            written({ min, max: min + 128_000 * pick.between(1, 8), probability: pick.maybe(0.5) ? pick.between(1, 100) : undefined }),
          ];
        }),
      ),
    ),
  });
}

const numbered = (entries: readonly (readonly [number, unknown])[]): Written =>
  Object.fromEntries(entries.map(([number, value]) => [`${number}`, value]));

function generateClasses(pick: Picker, has: (part: DcbPart) => boolean): Written {
  const count = pick.between(2, 4);
  const numbers = [0, ...pick.some([1, 2, 3, 4, 5, 6, 7], count - 1, count - 1)];
  const strict = has('strict') && pick.maybe(0.3) ? numbers.at(-1) : undefined;
  const shared = numbers.filter((number) => number !== strict);
  // Each priority is in one class; each class has at least one.
  const order = pick.shuffled(PRIORITIES);
  const members = numbers.map((_, index) => [order[index]!]);
  for (const priority of order.slice(numbers.length)) members[pick.between(0, numbers.length - 1)]!.push(priority);
  let left = 100 - 5 * shared.length;
  const classes: Written = {};
  for (const [index, number] of numbers.entries()) {
    const extra = number === shared.at(-1) ? left : pick.between(0, Math.floor(left / 2));
    if (number !== strict) left -= extra;
    classes[`${number}`] = written({
      priorities: members[index]!.toSorted((one, other) => one - other),
      bandwidth: number === strict ? undefined : 5 + extra,
      strict: number === strict ? true : undefined,
      name: has('classNames') ? `class${number}` : undefined,
    });
  }
  return classes;
}

function generateBuffers(pick: Picker, lossless: readonly number[]): Written {
  const buffers: Written = {};
  for (const priority of lossless) {
    const xon = 1000 * pick.between(8, 20);
    buffers[`iPort.pg${priority === 0 ? 1 : priority}`] = {
      priorities: [priority],
      lossless: true,
      pool: 'iPool0',
      reserved: 1000 * pick.between(60, 120),
      xoff: xon + 1000 * pick.between(0, 10),
      xon,
      alpha: pick.one(['2', '1/4', '8', 'inf']),
    };
  }
  return buffers;
}
