/** From hosts as declared to what their adapters are told: who logs in where, and how. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../check/check-fabric.ts';
import type { TargetAccess } from '../storage/iscsi/adapter/index.ts';
import { adapterConfig, multipathLimits } from './build-host.ts';
import { planHosts } from './host-plan.ts';

const DISK = 'iqn.2026-01.net.example:disk';
const OTHER = 'iqn.2026-01.net.example:other';

const TEXT = `version: 1
name: x
arrays:
  array1:
    portals: ["127.0.0.1:0", { name: left, listen: "0.0.0.0:0", group: 2 }]
    targets:
      ${DISK}: { luns: [{ store: memory, size: 1MiB }], access: [iqn.1998-01.com.vmware:esx1] }
hosts:
  esx1:
    multipath: { policy: least-queue-depth, noPath: queue, failback: 30s, checkEvery: 2s }
    iscsi:
      vmhba64:
        initiator: iqn.1998-01.com.vmware:esx1
        chap: { user: esx1, secret: { file: esx1.secret }, mutual: { user: array, secret: { env: ARRAY } } }
        settings: { dataDigest: [crc32c], commands: 32 }
        discovery:
          - 192.0.2.1
          - { server: "192.0.2.2", chap: { user: finder, secret: { env: FINDER }, required: true }, settings: { commands: 16, maxBurst: 512KiB } }
        targets:
          - { name: ${OTHER}, address: "192.0.2.3" }
          - { name: ${OTHER}, settings: { commands: 8 } }
          - { name: ${DISK}, settings: { commands: 4 }, chap: { user: disk, secret: { env: DISK } } }
`;

function config() {
  const { fabric, problems } = checkText(TEXT, 'fabrics/x.yaml');
  expect(problems).toEqual([]);
  const [host] = planHosts(fabric!, 'fabrics/x.yaml');
  const read: string[] = [];
  const adapter = adapterConfig(host!.adapters[0]!, {
    readSecret: (source) => {
      const name = source.kind === 'env' ? source.name : source.path;
      read.push(name);
      return new TextEncoder().encode(`secret of ${name}`);
    },
    resolve: (endpoint) => (endpoint.kind === 'address' ? endpoint : { host: '127.0.0.1', port: 40_000 + endpoint.portal }),
  });
  return { adapter, read, host: host! };
}

const how = ({ chap, chapRequired, limits }: TargetAccess): string =>
  `${chap?.user}${chap?.mutual === undefined ? '' : ' mutual'}${chapRequired ? ' required' : ''} ${limits.commandsInFlight} ${limits.maxBurstBytes / 1024}`;

describe('what an adapter is told', () => {
  it('is read once, with the files of secrets beside the fabric file', () =>
    expect(config().read).toEqual(['fabrics/esx1.secret', 'ARRAY', 'FINDER', 'DISK']));

  it('has for each server what it says, and else what the adapter has, without asking it to prove itself', () => {
    const { adapter } = config();
    expect(adapter.servers.map(({ address, access }) => `${address.host} ${how(access)}`)).toEqual([
      '192.0.2.1 esx1 32 1024',
      '192.0.2.2 finder required 16 512',
    ]);
  });

  it('has for each target the nearest of what is said: of itself, of its server, of the adapter', () => {
    const { accessOf, targets } = config().adapter;
    const of = (name: string, host: string, server?: string): string => how(accessOf({ name, address: { host, port: 3260 } }, server));
    expect(targets).toEqual([{ name: OTHER, address: expect.objectContaining({ host: '192.0.2.3', port: 3260 }) }]);
    expect(of('iqn.2026-01.net.example:third', '192.0.2.9', '192.0.2.1:3260')).toBe('esx1 mutual required 32 1024');
    expect(of('iqn.2026-01.net.example:third', '192.0.2.9', '192.0.2.2:3260')).toBe('finder required 16 512');
    expect(of(OTHER, '192.0.2.9', '192.0.2.2:3260')).toBe('finder required 8 512');
    expect(of(OTHER, '192.0.2.3')).toBe('esx1 mutual required 32 1024');
    expect(of(DISK, '192.0.2.9', '192.0.2.2:3260')).toBe('disk 4 512');
  });

  it('offers the digests as they were written', () => {
    const { accessOf } = config().adapter;
    const { limits, key } = accessOf({ name: OTHER, address: { host: '192.0.2.3', port: 3260 } }, undefined);
    expect([limits.headerDigest, limits.dataDigest]).toEqual([['None', 'CRC32C'], ['CRC32C']]);
    expect(key).not.toContain('secret of');
  });

  it('comes with what multipath is to do', () =>
    expect(multipathLimits(config().host.multipath)).toMatchObject({
      policy: 'least-queue-depth',
      noPathNanos: Number.POSITIVE_INFINITY,
      failbackNanos: 30e9,
      checkNanos: 2e9,
    }));
});
