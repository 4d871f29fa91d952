/** Random but sound storage arrays. */
import { type Generated, generated } from './generated.ts';
import { chap } from './generate-iscsi.ts';
import { around, generateNic } from './host-parts.ts';
import { picker, type Written, written } from './pick.ts';

/** Parts that can be left out, where a dialect has no words for them. */
export type ArrayPart =
  | 'ipv6'
  | 'iser'
  | 'groups'
  | 'alias'
  | 'targetPortals'
  | 'memory'
  | 'thin'
  | 'readOnly'
  | 'serial'
  | 'largeBlocks'
  | 'access'
  | 'any'
  | 'chap'
  | 'mutual'
  | 'discoveryChap';

export interface ArrayOptions {
  readonly without?: readonly ArrayPart[];
  /** With ports of its own, for what says the network of a machine. */
  readonly network?: boolean;
}

/** The same seed and options, the same array, called `array1`. */
export function generateArray(seed: number, options: ArrayOptions = {}): Generated {
  const pick = picker(seed);
  const without = new Set<ArrayPart>(options.without);
  const has = (part: ArrayPart): boolean => !without.has(part);
  const proof = (): Written => {
    const { mutual, ...rest } = chap(around(pick, {}));
    return mutual !== undefined && has('mutual') ? { ...rest, mutual } : rest;
  };
  const portals = Array.from({ length: pick.between(1, 4) }, (_, index) => {
    const host = has('ipv6') && pick.maybe(0.2) ? `[2001:db8:${index + 1}::1]` : `192.168.${index + 1}.${pick.between(1, 254)}`;
    return written({
      name: `portal${index + 1}`,
      listen: `${host}:${pick.one([3260, 3260, 3261])}`,
      iser: has('iser') && pick.maybe(0.4) ? true : undefined,
      group: has('groups') && pick.maybe(0.3) ? pick.between(1, 3) : undefined,
    });
  });
  const targets: Written = {};
  let disks = 0;
  for (let count = pick.between(1, 3), index = 0; index < count; index += 1) {
    const luns: Written = {};
    for (const lun of [0, ...pick.some([1, 2, 3, 7, 200], 0, 2)]) {
      disks += 1;
      const inMemory = has('memory') && pick.maybe(0.3);
      luns[`${lun}`] = written({
        store: inMemory ? 'memory' : 'file',
        path: inMemory ? undefined : `/srv/disks/disk${disks}.img`,
        size: `${pick.one([64, 256, 1024, 4096])}MiB`,
        blockSize: has('largeBlocks') && pick.maybe(0.2) ? 4096 : undefined,
        provisioning: has('thin') && pick.maybe(0.4) ? 'thin' : undefined,
        readOnly: has('readOnly') && pick.maybe(0.2) ? true : undefined,
        serial: has('serial') && pick.maybe(0.4) ? `${(pick.rng.uint32() >>> 0).toString(16).padStart(8, '0')}-${disks}` : undefined,
      });
    }
    const initiators =
      has('any') && pick.maybe(0.2)
        ? ['any']
        : Array.from({ length: pick.between(1, 3) }, (_, host) => `iqn.1994-05.com.example:client${host + 1}`);
    const access = initiators.map((initiator) =>
      written({ initiator, chap: has('chap') && (initiator === 'any' || pick.maybe(0.6)) ? proof() : undefined }),
    );
    targets[`iqn.2026-01.net.example:disk${index + 1}`] = written({
      alias: has('alias') && pick.maybe(0.3) ? `disk ${index + 1}` : undefined,
      portals: has('targetPortals') && pick.maybe(0.4) ? pick.some(portals, 1, 2).map((portal) => portal['name']) : undefined,
      luns,
      access: has('access') ? access : undefined,
    });
  }
  const discovery = has('discoveryChap') && has('chap') && pick.maybe(0.2) ? { chap: proof() } : undefined;
  return generated(
    'array1',
    { arrays: { array1: written({ nics: options.network === true ? generateNics(seed) : undefined, portals, targets, discovery }) } },
    `generateArray(${seed}, ${JSON.stringify(options)})`,
  );
}

/** Chosen apart from the rest, so that an array has the same disks with a network and without. */
function generateNics(seed: number): Written {
  const about = around(picker(seed), { without: ['device'] });
  return Object.fromEntries(Array.from({ length: 2 }, (_, index) => [`p${index}`, generateNic(about, index, false)]));
}
