/** The view of a fabric that is really up. */
import { describe, expect, it } from 'vitest';
import { connectIscsi } from '../../os/iscsi/index.ts';
import { startSampler } from './start-sampler.ts';
import { smallRack } from './testing/small-rack.ts';
import { startFabric } from './testing/started-fabric.ts';

describe('the view of a fabric that is up', () => {
  it('tells where sessions come from, what units do, and all about a node', async () => {
    await using started = await startFabric(smallRack());
    const { fabric } = started;
    await fabric.hosts.tried(5000);
    const [published] = fabric.network!.ready.published;
    await using session = await connectIscsi(`iscsi://${published!.listen}/iqn.2026-01.net.example:disks/0`, {
      initiatorName: 'iqn.2026-01.net.example:somebody',
    });
    const sampler = startSampler(fabric);
    await session.read(0, 16);
    await new Promise<void>((resolve) => void sampler.onSample(resolve));
    const { state } = sampler;
    expect(state.sessions.map(({ initiator, from }) => [initiator, from]).toSorted()).toEqual([
      ['iqn.1998-01.com.vmware:esx1', 'esx1'],
      ['iqn.2026-01.net.example:somebody', `published ${published!.listen}`],
    ]);
    expect(state.units[0]!.readsPerSecond).toBeGreaterThan(0);
    expect(state.units[0]!.meanNanos).toBeGreaterThan(0);
    expect(state.units[0]!.p99Nanos).toBeGreaterThan(0);
    expect(state.links.map((link) => link.up)).toEqual([true, true]);
    expect(state.totals).toMatchObject({ sessions: 2, linksDown: 0, pathsDown: 0 });
    expect(state.totals.linkBitsPerSecond).toBeGreaterThan(16 * 512 * 8);
    expect(state.world).toEqual([{ id: 'world tor1:9', present: false }]);

    const array = sampler.detail('array1')!;
    expect(array.machine!.connections.length).toBeGreaterThanOrEqual(2);
    expect([array.units.length, array.sessions.length, array.switch, array.host, array.leftOut]).toEqual([1, 2, undefined, undefined, 0]);
    expect(array.groups).toEqual([{ group: 1, access: 'active-optimized', preferred: false, portals: ['192.0.2.20:3260'] }]);
    const host = sampler.detail('esx1')!;
    expect([host.host!.devices.length, host.sessions.length, host.units.length]).toEqual([1, 1, 0]);
    const tor = sampler.detail('tor1')!;
    expect(tor.switch!.ports.map((port) => port.port)).toEqual(['9', '1', '2']);
    expect(tor.attached.map((one) => one.port)).toEqual(['tor1:9']);
    expect(sampler.detail('world tor1:9')!.attached).toHaveLength(1);
    expect(sampler.detail(`published ${published!.listen}`)!.sessions).toHaveLength(1);
    expect(host.groups).toEqual([]);
    expect(fabric.arrays.setAccess('array1', 1, { access: 'standby', preferred: true })).toBe(1);
    await new Promise<void>((resolve) => void sampler.onSample(resolve));
    expect(sampler.detail('array1')!.groups).toMatchObject([{ group: 1, access: 'standby', preferred: true }]);
    expect(sampler.detail('nobody')).toBeUndefined();
    sampler.close();
  });
});
