/** A host over our own target, in virtual time: disks over two paths, which come and go. */
import { describe, expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import { AdapterBench, AN_HOUR, configWords, type ConfigWords } from '../storage/iscsi/adapter/testing/adapter-bench.ts';
import { DISK } from '../storage/iscsi/testing/scripted-initiator.ts';
import { defaultMultipathLimits, type MultipathLimits } from '../storage/multipath/limits.ts';
import { Host } from './host.ts';
import { hostReport } from './host-report.ts';

const ONE = '192.0.2.1:3260';
const TWO = '192.0.2.2:3260';

const NAA_0 = `naa.${'60'.repeat(16)}`;
const NAA_1 = `naa.${'61'.repeat(16)}`;

function hostOn(bench: AdapterBench, adapters: Readonly<Record<string, ConfigWords>>, limits: Partial<MultipathLimits> = {}): Host {
  return new Host({
    ...bench.services,
    name: 'esx1',
    handleChange: () => {},
    multipath: { ...defaultMultipathLimits, ...limits },
    adapters: Object.entries(adapters).map(([name, words]) => ({ name, config: configWords(words), dial: bench.services.dial })),
  });
}

const paths = (host: Host): string[] =>
  hostReport(host).devices.flatMap((device) =>
    device.paths.map(({ path, state, inUse }) => `${device.device === NAA_0 ? 0 : 1} ${path} ${state}${inUse ? ' in use' : ''}`),
  );

function broughtUp(limits: Partial<MultipathLimits> = {}) {
  const bench = new AdapterBench([ONE, TWO]);
  const host = hostOn(bench, { vmhba64: { servers: [ONE] } }, limits);
  bench.wait((done) => host.rescan(done));
  bench.run(() => paths(host).every((path) => path.includes('active')));
  return { bench, host };
}

describe('a host', () => {
  it('finds each disk once, over all of its paths', () => {
    const { bench, host } = broughtUp();
    expect(paths(host)).toEqual([
      '0 vmhba64:C0:T0:L0 active in use',
      '0 vmhba64:C1:T0:L0 active in use',
      '1 vmhba64:C0:T0:L1 active in use',
      '1 vmhba64:C1:T0:L1 active in use',
    ]);
    const [device] = hostReport(host).devices;
    expect(device).toMatchObject({ device: NAA_0, vendor: 'EXAMPLE', bytes: 32 * 1024 * 1024, blockSize: 512, thin: true, state: 'ready' });
    expect(device!.paths[0]).toMatchObject({ target: DISK, address: ONE, lun: 0, access: 'active-optimized' });
    expect(hostReport(host).adapters).toMatchObject([
      {
        adapter: 'vmhba64',
        rescanning: false,
        servers: [{ server: ONE, state: 'answered', targets: 2 }],
        targets: [
          {
            id: 'C0:T0',
            target: DISK,
            address: ONE,
            discovery: 'dynamic',
            servers: [ONE],
            session: { state: 'logged-in', luns: [0, 1], portals: [ONE] },
          },
          { id: 'C1:T0', session: { state: 'logged-in', authentication: 'none', headerDigest: false, reason: undefined } },
        ],
      },
    ]);
    bench.wait((done) => host.stop(done));
    expect(paths(host)).toEqual([]);
    expect(bench.target.service.sessions()).toEqual([]);
    expect(bench.events.filter((event) => !event.source.startsWith('esx1/'))).toEqual([]);
  });

  it('finds it by several adapters too', () => {
    const bench = new AdapterBench([ONE, TWO]);
    const host = hostOn(bench, { vmhba64: { targets: [[ONE, DISK]] }, vmhba65: { targets: [[TWO, DISK]] } }, { policy: 'failover' });
    bench.wait((done) => host.rescan(done));
    bench.run(() => paths(host).every((path) => path.includes('active')));
    expect(paths(host).slice(0, 2)).toEqual(['0 vmhba64:C0:T0:L0 active in use', '0 vmhba65:C0:T0:L0 active']);
  });

  it('goes on by the other path when one is cut, and takes it back', () => {
    const { bench, host } = broughtUp();
    const [device] = host.devices.values();
    bench.cut(ONE);
    expect(paths(host).slice(0, 2)).toEqual(['0 vmhba64:C0:T0:L0 dead', '0 vmhba64:C1:T0:L0 active in use']);
    expect(hostReport(host).devices[0]!.paths[0]!.reason).toMatch(/cut/);
    let answered = 0;
    for (let index = 0; index < 10; index += 1)
      device!.unit.submit({ cdb: new Uint8Array(6), attentionRetries: 8 }, (_, failure) => (answered += failure === undefined ? 1 : 0));
    bench.run(() => answered === 10);
    bench.elapse(AN_HOUR);
    bench.listening.set(ONE, 0);
    bench.run(() => paths(host).every((path) => path.endsWith('active in use')));
  });

  it('has paths that can be switched off and on', () => {
    const { bench, host } = broughtUp();
    expect(host.setPath(NAA_0, 'vmhba64:C0:T0:L0', false)).toBe(true);
    expect(paths(host).slice(0, 2)).toEqual(['0 vmhba64:C0:T0:L0 off', '0 vmhba64:C1:T0:L0 active in use']);
    // Also what has been lost stays off when it is back.
    bench.cut(ONE);
    bench.elapse(AN_HOUR);
    bench.listening.set(ONE, 0);
    bench.run(() => host.adapters[0]!.sessions.every(({ state }) => state === 'logged-in'));
    bench.elapse(SECOND);
    expect(paths(host)[0]).toBe('0 vmhba64:C0:T0:L0 off');
    expect(host.setPath(NAA_0, 'vmhba64:C0:T0:L0', true)).toBe(true);
    bench.run(() => paths(host).every((path) => path.endsWith('active in use')));
    expect([host.setPath(NAA_0, 'vmhba64:C9:T0:L0', true), host.setPath('naa.0', 'vmhba64:C0:T0:L0', true)]).toEqual([false, false]);
  });

  it('lets go of paths that are gone, and of disks without any', () => {
    const { bench, host } = broughtUp();
    const [first] = host.devices.values();
    host.adapters[0]!.configure(configWords({ targets: [[TWO, DISK]] }));
    bench.wait((done) => host.rescan(done));
    // What the server named is static now, and stays.
    expect(paths(host)).toHaveLength(4);
    host.adapters[0]!.forget({ name: DISK, address: { host: '192.0.2.1', port: 3260 } });
    bench.wait((done) => host.rescan(done));
    expect(paths(host)).toEqual(['0 vmhba64:C1:T0:L0 active in use', '1 vmhba64:C1:T0:L1 active in use']);
    host.adapters[0]!.configure(configWords({}));
    bench.wait((done) => host.rescan(done));
    expect(paths(host)).toEqual([]);
    expect(first!.unit.situation).toBe('closed');
    bench.elapse(SECOND);
    expect(bench.target.service.sessions()).toEqual([]);
  });

  it('sees where another disk stands behind a LUN', () => {
    const { bench, host } = broughtUp();
    const { device, units } = bench.target;
    device.units.set(0, units[1]!);
    bench.wait((done) => host.rescan(done));
    bench.run(() => paths(host).every((path) => path.includes('active')));
    expect(paths(host).map((path) => path.split(' ').slice(0, 2).join(' '))).toEqual([
      '1 vmhba64:C0:T0:L0',
      '1 vmhba64:C0:T0:L1',
      '1 vmhba64:C1:T0:L0',
      '1 vmhba64:C1:T0:L1',
    ]);
    expect([...host.devices.keys()]).toEqual([NAA_1]);
  });
});
