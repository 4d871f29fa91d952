import { describe, expect, it } from 'vitest';
import { unitIdentity } from './identity.ts';
import { parseFabric } from './load.ts';
import { besideFile, planArrays } from './plan.ts';

const FABRIC = parseFabric(
  `version: 1
name: x
arrays:
  array1:
    portals: [{ name: a, listen: "127.0.0.1:0" }, "[::1]:3260"]
    targets:
      iqn.2026-01.net.example:open:
        luns: [{ store: file, path: disks/a.img, physicalBlockSize: 4096 }, { store: memory, size: 1MiB }]
      iqn.2026-01.net.example:closed:
        portals: ["[0:0::1]"]
        access: [{ initiator: any, chap: { user: u, secret: { file: secrets/u } } }]
        luns: [{ store: memory, size: 1MiB }]
`,
  'x.yaml',
);

describe('planArrays', () => {
  const [plan] = planArrays(FABRIC, 'fabrics/x.yaml');

  it('resolves portals to indexes', () => {
    expect(plan!.targets.map((target) => target.portals)).toEqual([[0, 1], [1]]);
  });

  it('makes paths relative to where the program runs', () => {
    expect(plan!.targets[0]!.units[0]!.store).toEqual({ kind: 'file', path: 'fabrics/disks/a.img', sizeBytes: undefined });
    expect(plan!.targets[1]!.access[0]!.chap!.secret).toEqual({ kind: 'file', path: 'fabrics/secrets/u' });
    expect(plan!.stateDirectory).toBe('fabrics/.samewire/array1');
  });

  it('lets anyone in where nothing was said', () => {
    expect(plan!.targets[0]!.access).toEqual([{ initiator: 'any', chap: undefined }]);
  });

  it('counts logical blocks in a physical one as a power of two', () => {
    expect(plan!.targets[0]!.units[0]!.config).toMatchObject({ blockBytes: 512, physicalBlockExponent: 3 });
  });
});

describe('besideFile', () => {
  it.each([
    ['fabric.yaml', 'a.img', 'a.img'],
    ['', 'a.img', 'a.img'],
    ['x/fabric.yaml', './a.img', 'x/a.img'],
    ['x/fabric.yaml', '../a.img', 'x/../a.img'],
    ['x/fabric.yaml', '/a.img', '/a.img'],
    ['C:\\x\\fabric.yaml', 'a.img', 'C:\\x\\a.img'],
    ['x/fabric.yaml', 'D:\\a.img', 'D:\\a.img'],
  ])('%s + %s', (file, path, expected) => {
    expect(besideFile(file, path)).toBe(expected);
  });
});

describe('unitIdentity', () => {
  const declared = { target: 'iqn.2026-01.net.example:a', lun: 0, serial: undefined, vendor: 'V', product: 'P' };
  const naa = (changes: object): string =>
    Array.from(unitIdentity({ ...declared, ...changes }).naa, (byte) => byte.toString(16).padStart(2, '0')).join('');

  it('is an NAA 6h name of a locally administered company, for good', () => {
    // Changing this changes the name of every disk that was ever served.
    expect(naa({})).toBe(naa({ vendor: 'other' }));
    expect(naa({})).toMatch(/^6025357[0-9a-f]{25}$/);
    expect(naa({})).toBe('6025357112b5cbf4ae2ea67abdb3b3be');
  });

  it('differs by target and LUN, and with a serial number by that', () => {
    const names = [naa({}), naa({ lun: 1 }), naa({ target: 'iqn.2026-01.net.example:b' }), naa({ serial: 'A' }), naa({ serial: 'B' })];
    expect(new Set(names).size).toBe(5);
    expect(naa({ serial: 'A', lun: 5 })).toBe(naa({ serial: 'A' }));
  });
});
