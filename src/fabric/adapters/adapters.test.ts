import { describe, expect, it } from 'vitest';
import { isMistake } from '../parsed.ts';
import { type AdapterModel, GIGABIT, portCount, portModes } from './adapter-model.ts';
import { adapterModels, findAdapterModel, namesOfModel } from './find.ts';

function known(text: string): AdapterModel {
  const found = findAdapterModel(text);
  if (isMistake(found)) throw new Error(found.wrong);
  return found.value;
}

const remedy = (text: string): string | undefined => {
  const found = findAdapterModel(text);
  return isMistake(found) ? found.remedy : undefined;
};

const speedsGigabits = (model: AdapterModel, port: number): readonly number[] =>
  (portModes(model, port) ?? []).flatMap((mode) => mode.speedsBitsPerSecond ?? []).map((speed) => speed / GIGABIT);

describe('the models', () => {
  it('have keys in kebab-case, and no two answer to the same word', () => {
    expect(adapterModels.filter((model) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(model.key)).map((model) => model.key)).toEqual([]);
    const owners = new Map<string, Set<string>>();
    for (const model of adapterModels) {
      for (const name of namesOfModel(model)) {
        const owner = owners.get(name.toLowerCase()) ?? new Set();
        owners.set(name.toLowerCase(), owner.add(model.key));
      }
    }
    expect([...owners].filter(([, keys]) => keys.size > 1)).toEqual([]);
  });

  it.each(adapterModels.map((model) => [model.key, model] as const))('%s is consistent', (_key, model) => {
    expect(model.sources.length).toBeGreaterThan(0);
    expect(model.portGroups.length).toBeGreaterThan(0);
    // A group without a count takes all further ports, so nothing may follow it.
    expect(model.portGroups.slice(0, -1).every((group) => group.count !== undefined)).toBe(true);
    for (const { count, modes } of model.portGroups) {
      if (count !== undefined) expect(count).toBeGreaterThan(0);
      expect(modes.length).toBeGreaterThan(0);
      expect(new Set(modes.map((mode) => mode.kind)).size).toBe(modes.length);
      for (const speeds of modes.map((mode) => mode.speedsBitsPerSecond)) {
        if (speeds === undefined) continue;
        expect(speeds.length).toBeGreaterThan(0);
        expect(speeds.every((speed, i) => speed >= 1e7 && (i === 0 || speed > speeds[i - 1]!))).toBe(true);
      }
    }
    const functions = (model.functions ?? []).flatMap((group) => group.numbers);
    expect(functions).toEqual([...new Set(functions)]);
    expect(functions.every((number) => number >= 0 && number <= 7)).toBe(true);
    for (const id of [model.pci?.vendorId, model.pci?.virtualFunctionDeviceId, ...(model.pci?.deviceIds ?? [])]) {
      if (id !== undefined) expect(id > 0 && id <= 0xffff).toBe(true);
    }
    expect(new Set(model.offloads).size).toBe(model.offloads.length);
    // Nothing but RDMA has an RDMA MTU.
    const rdma = model.offloads.some((offload) => offload.startsWith('roce')) || portKinds(model).has('infiniband');
    if (model.rdmaMtuMaxBytes !== undefined) expect(rdma).toBe(true);
  });

  it('share a PCI device ID only where they are the same chip', () => {
    const chips = new Map<string, Set<string>>();
    for (const { pci, chip, key } of adapterModels) {
      for (const device of pci?.deviceIds ?? []) {
        const id = `${pci!.vendorId.toString(16)}:${device.toString(16)}`;
        chips.set(id, (chips.get(id) ?? new Set()).add(chip ?? key));
      }
    }
    expect([...chips].filter(([, owners]) => owners.size > 1)).toEqual([]);
  });
});

const portKinds = (model: AdapterModel): Set<string> => new Set(model.portGroups.flatMap((group) => group.modes.map((mode) => mode.kind)));

describe('finding a model', () => {
  it.each([
    ['chelsio-t520-cr', 'chelsio-t520-cr'],
    ['T520-CR', 'chelsio-t520-cr'],
    ['Chelsio  t520-cr ', 'chelsio-t520-cr'],
    ['ConnectX-4 Lx', 'mellanox-connectx-4-lx-en'],
    ['Mellanox ConnectX-4 EN', 'mellanox-connectx-4-en'],
    ['QLE45212', 'qlogic-ql45212'],
    ['57711e', 'marvell-57711e'],
    ['GENERIC', 'generic'],
  ])('%s', (text, key) => {
    expect(known(text).key).toBe(key);
  });

  it.each([
    ['chelsio-t520-rc', 'chelsio-t520-cr'],
    ['Chelsio T6225CR', 'chelsio-t6225-cr'],
    ['virtoi', 'virtio'],
    ['connectx4-lx', 'mellanox-connectx-4-lx-en'],
  ])('%s: did you mean %s?', (text, key) => {
    expect(remedy(text)).toContain(`\`${key}\``);
  });

  it('says what to write where nothing is near', () => {
    expect(remedy('abacus')).toContain('`generic`');
  });
});

describe('what the guides say', () => {
  it('Chelsio: functions, virtual functions, what a memory-free card can offload', () => {
    const t6225 = known('T6225-CR');
    expect(t6225.functions!.map(({ numbers, use }) => `${numbers.join()} ${use}`)).toEqual([
      '0,1,2,3 network',
      '4 unused',
      '5 iscsi',
      '6 fcoe',
      '7 unused',
    ]);
    expect(t6225.virtualFunctions).toMatchObject({ perPortMax: 16, vectorsMax: 31, vectorsBeyondProcessors: 2 });
    expect(known('T520-CR').virtualFunctions?.guests?.excluded).toEqual(['windows']);
    expect(t6225.virtualFunctions?.guests?.doubtful).toEqual(['windows']);
    expect(t6225.offloads).toContain('vxlan');
    expect(known('T520-CR').offloads).not.toContain('vxlan');
    expect(known('T6225-SO-CR').offloadedConnectionsMax).toEqual({ ipv4: 256, ipv6: 128 });
    expect(portCount(known('T540-CR'))).toBe(4);
    // 19 for the network driver, 14 of them for the iSCSI initiator.
    const all = adapterModels.filter((model) => model.vendor === 'Chelsio');
    expect([all.length, all.filter((model) => model.offloads.includes('iscsi')).length]).toEqual([19, 14]);
  });

  it('Chelsio: the device IDs that Linux and lspci have', () => {
    expect(known('T580-LP-CR').pci).toEqual({ vendorId: 0x1425, deviceIds: [0x5010], virtualFunctionDeviceId: 0x5810 });
    expect(known('T61100-OCP').functions!.map((group) => group.deviceId)).toEqual([0x6014, 0x6414, 0x6514, 0x6614, undefined]);
  });

  it('RoCE guide: speeds of the adapters it used', () => {
    expect(speedsGigabits(known('ConnectX-4 EN'), 0)).toContain(100);
    expect(portModes(known('ConnectX-4 EN'), 1)).toBeUndefined();
    expect(portCount(known('QL45212'))).toBe(2);
    expect(speedsGigabits(known('640FLR-SFP28'), 1)).toEqual([10, 25]);
    expect(known('QL45212').offloads).toEqual(expect.arrayContaining(['roce-v1', 'roce-v2', 'vxlan', 'nvgre']));
  });

  it('WinOF VPI: ports, modes, firmware, and PCI IDs as it writes them in decimal', () => {
    expect(portCount(known('InfiniHost III Lx'))).toBe(1);
    expect([...portKinds(known('ConnectX IB QDR'))]).toEqual(['infiniband', 'ethernet']);
    expect(known('ConnectX IB DDR').firmware).toEqual({ image: 'fw-25408', versionMin: '2.5.700' });
    const listed = [25204, 25208, 25218, 25408, 25418, 25448, 25458, 26418, 26428, 26448, 26458];
    const ours = adapterModels.filter((model) => model.firmware !== undefined).flatMap((model) => model.pci!.deviceIds);
    expect([...ours].sort((a, b) => a - b)).toEqual(listed);
  });

  it('I/O virtualization: e1000 and vlance are emulated, vmxnet is paravirtual', () => {
    expect(['e1000', 'vlance', 'vmxnet', 'virtio'].map((text) => known(text).nature)).toEqual([
      'emulated',
      'emulated',
      'paravirtual',
      'paravirtual',
    ]);
  });

  it('57xxx: partitions, and ports of two kinds on one adapter', () => {
    expect(known('57810').partitions).toEqual({ perPortMax: 4 });
    expect([1, 2, 3, 4].map((port) => portModes(known('57800'), port)?.[0]?.speedsBitsPerSecond?.at(-1))).toEqual([
      1e10,
      1e9,
      1e9,
      undefined,
    ]);
    expect(known('BCM57810').offloads).toEqual(['segmentation', 'iscsi', 'fcoe']);
  });

  it('a generic adapter has any port at any speed', () => {
    expect(portCount(known('generic'))).toBeUndefined();
    expect(portModes(known('generic'), 40)).toContainEqual({ kind: 'ethernet' });
  });
});
