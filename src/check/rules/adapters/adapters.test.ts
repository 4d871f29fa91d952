/** What the rules over adapters say beyond the example of each: at the edge, and where nothing may be concluded. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../../check-fabric.ts';
import { machineExample } from '../../example.ts';
import { functionsExample, guestExample, slotExample } from './examples.ts';

const found = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule, message }) => `${rule} ${message}`);
const rules = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule }) => rule);

const cxl = (value: string, second = ''): string =>
  machineExample(
    `os: esxi\ndrivers: { cxl: { max_vfs: ${value} } }\nadapters:\n  slot1: { model: T520-CR, ports: [a, b] }\n  slot2: { model: T520-CR, ports: [c, d] }\nnics:\n  a: {}\n  b: { sriov: { functions: 3 } }\n  c: { sriov: { functions: 4 } }\n  d: {${second}}`,
  );

const partitioned = (...partitions: readonly string[]): string => slotExample('marvell-57810', [`partitions: [${partitions.join(', ')}]`]);

const pair = (first: string, second: string, os = 'windows'): string =>
  slotExample('ConnectX-2', [`portType: ${first}`, `portType: ${second}`], `os: ${os}\n`);

const twoPorts = (second: number): string => slotExample('marvell-57810', ['sriov: { functions: 32 }', `sriov: { functions: ${second} }`]);

const vectors = (processors: number, count: number): string =>
  guestExample(`memoryReserved: true\nprocessors: ${processors}\nvectors: ${count}`);

const guestOf = (os: string): string => guestExample(`os: ${os}\nmemoryReserved: true`);

const checked = (checks: string): string =>
  guestExample('memoryReserved: true', ', mac: 02:00:00:00:00:31', `functions: 1, each: { 0: { mac: 02:00:00:00:00:32${checks} } }`);

const fcoe = (model: string, os = ''): string => slotExample(model, ['offloads: { fcoe: true }'], os);

const withFirmware = (model: string, firmware: string, os = 'os: windows'): string =>
  machineExample(`${os}\nadapters:\n  slot1: { model: ${model}, ports: [a], firmware: ${firmware} }\nnics:\n  a: {}`);

const withVectors = (count: number, port: string, model = 'mellanox-connectx-en'): string =>
  machineExample(`adapters:\n  slot1: { model: ${model}, ports: [a], vectors: ${count} }\nnics:\n  a: { ${port} }`);

describe('what a driver finds when it starts', () => {
  it('firmware is compared number by number, with what the driver for Windows names', () => {
    expect(found(withFirmware('mellanox-connectx-en', '2.5.699'))).toEqual([
      'SW-1234 `esx1/slot1` has firmware 2.5.699, and the driver of `mellanox-connectx-en` needs 2.5.700 of fw-25408.',
    ]);
    for (const version of ['2.5.700', '2.10', '3.0', '2.5.700.1'])
      expect(rules(withFirmware('mellanox-connectx-en', `"${version}"`)), version).toEqual([]);
    for (const version of ['2.5', '2.4.9999', '1.99.99'])
      expect(rules(withFirmware('mellanox-connectx-en', `"${version}"`)), version).toEqual(['SW-1234']);
    expect(rules(withFirmware('mellanox-connectx-en', '2.5.699', 'os: linux'))).toEqual([]);
    expect(rules(withFirmware('mellanox-connectx-4-en', '1.0.0'))).toEqual([]);
    expect(found(withFirmware('generic', 'new'))).toEqual([expect.stringContaining('`new` is no version of firmware.')]);
  });

  it('vectors are one for each queue and one more, where the model is known to want that', () => {
    expect(rules(withVectors(1, ''))).toEqual(['SW-1235']);
    expect(rules(withVectors(2, ''))).toEqual([]);
    expect(rules(withVectors(8, 'offloads: { receiveQueues: 8 }'))).toEqual(['SW-1235']);
    expect(rules(withVectors(9, 'offloads: { receiveQueues: 8 }'))).toEqual([]);
    expect(rules(withVectors(1, 'offloads: { receiveQueues: 8 }', 'generic'))).toEqual([]);
  });
});

describe('virtual functions', () => {
  it('are counted over all ports where the model says so', () => {
    expect(rules(twoPorts(32))).toEqual([]);
    expect(found(twoPorts(33))).toEqual([expect.stringContaining('65 virtual functions together, and `marvell-57810` makes 64')]);
  });

  it('of a chip without SR-IOV are none, of an unknown adapter any', () => {
    expect(found(slotExample('marvell-57711', ['sriov: { functions: 1 }']))).toEqual([expect.stringContaining('has no virtual functions')]);
    expect(rules(slotExample('generic', ['sriov: { functions: 200 }']))).toEqual([]);
    expect(rules(slotExample('marvell-57711', ['sriov: { functions: 0 }']))).toEqual([]);
  });

  it('have settings and guests up to the last number', () => {
    expect(rules(functionsExample('', 'functions: 2, each: { 1: { vlan: 20 } }'))).toEqual([]);
    expect(found(functionsExample('', 'functions: 2, each: { 2: { vlan: 20 } }'))).toEqual([
      'SW-1171 There are settings for function 2 of `esx1:vmnic0`, which has 0 to 1.',
    ]);
  });

  it('belong to the host of the guest', () => {
    const other = machineExample('nics: { vmnic9: { sriov: { functions: 2 } } }').replace('esx1', 'esx2').split('hosts:\n')[1]!;
    const text = guestExample('memoryReserved: true').replace('function: vmnic0/0', 'function: vmnic9/0') + other;
    expect(found(text)).toEqual([expect.stringMatching(/^SW-1171 .*`esx1` has no such port; `esx2` has one/)]);
  });

  it('have vectors for the processors of the guest, and no more than there are', () => {
    expect(rules(vectors(29, 31))).toEqual([]);
    // Of more processors than vectors nothing better can be written.
    expect(rules(vectors(64, 31))).toEqual([]);
    expect(rules(vectors(64, 30))).toEqual(['SW-1174']);
    expect(rules(vectors(64, 66))).toEqual(['SW-1173']);
    expect(rules(guestExample('memoryReserved: true\nprocessors: 8'))).toEqual([]);
    expect(rules(guestExample('memoryReserved: true\nprocessors: 29'))).toEqual([]);
    expect(found(guestExample('memoryReserved: true\nprocessors: 30'))).toEqual([expect.stringContaining('want 32 vectors')]);
  });

  it('go to guests of the list, and what names no version is not doubted', () => {
    for (const os of ['linux', 'rhel-6.10', 'RHEL-8.2']) expect(rules(guestOf(os))).toEqual([]);
    for (const os of ['windows-server-2019', 'debian-12']) expect(rules(guestOf(os))).toEqual(['SW-1176']);
    expect(rules(guestOf('debian-12').replace('os: esxi\n', 'os: linux\n'))).toEqual([]);
  });

  it('keep guests in place on ESXi only', () => {
    const guest = guestExample('migrates: true');
    expect(rules(guest)).toEqual(['SW-1177']);
    expect(rules(guest.replace('os: esxi\n', 'os: windows\n'))).toEqual([]);
    expect(found(guestExample('memoryReserved: false'))).toEqual([expect.stringContaining('has no reserved memory')]);
  });

  it('take frames from their own address, where they check it', () => {
    expect(rules(checked(', spoofCheck: true'))).toEqual(['SW-1178']);
    expect(rules(checked(', spoofCheck: false, trust: true'))).toEqual([]);
    expect(rules(checked(''))).toEqual([]);
  });
});

describe('parameters of cxl', () => {
  it('count adapters by an empty place', () => {
    expect(rules(cxl('"0,3,,4,0"'))).toEqual([]);
    expect(rules(cxl('"0,3"'))).toEqual([]);
    expect(found(cxl('"0,3,4,0"'))).toEqual([expect.stringContaining('names 4 ports of `esx1:slot1`, and `chelsio-t520-cr` has 2')]);
    expect(found(cxl('"0,3,,0,4"'))).toEqual([expect.stringContaining('makes 0 functions of `esx1:c`, which is to have 4')]);
    expect(found(cxl('"0,3,,4,17"'))).toEqual([expect.stringContaining('asks for 17 functions of `esx1:d`')]);
  });

  it('are numbers', () => {
    expect(found(cxl('"0;3"'))).toEqual([expect.stringContaining('more in it than numbers and commas')]);
    expect(rules(cxl('0'))).toEqual([]);
  });

  it('of other systems are not looked at', () => {
    expect(rules(cxl('"9,9"').replace('os: esxi', 'os: linux'))).toEqual([]);
  });
});

describe('offloads', () => {
  it('are refused only where a list of models says so', () => {
    expect(rules(fcoe('marvell-57711'))).toEqual(['SW-1183']);
    expect(rules(fcoe('marvell-57810'))).toEqual([]);
    expect(rules(fcoe('chelsio-t520-so-cr', 'os: esxi\n'))).toEqual(['SW-1183']);
    // The chip does; the package for ESXi does not.
    expect(rules(fcoe('chelsio-t520-cr', 'os: esxi\n'))).toEqual(['SW-1183']);
    expect(rules(fcoe('chelsio-t520-cr'))).toEqual([]);
    expect(rules(fcoe('chelsio-t520-so-cr', 'os: linux\n'))).toEqual([]);
    expect(rules(fcoe('generic'))).toEqual([]);
  });

  it('spread over queues only where they are on', () => {
    expect(rules(slotExample('generic', ['offloads: { receiveScaling: false, receiveQueues: 8 }']))).toEqual(['SW-1188']);
    expect(rules(slotExample('generic', ['offloads: { receiveScaling: false, receiveQueues: 1 }']))).toEqual([]);
    expect(rules(slotExample('generic', ['offloads: { receiveQueues: 128 }']))).toEqual([]);
  });
});

describe('partitions', () => {
  it('all without a minimum share alike', () => {
    expect(rules(partitioned('{}', '{}', '{}'))).toEqual([]);
    expect(rules(partitioned('{ min: 50 }', '{}'))).toEqual(['SW-1186']);
  });

  it('have a maximum above the minimum, and one way to pause', () => {
    expect(found(partitioned('{ min: 60, max: 50 }', '{ min: 40 }'))).toEqual([
      expect.stringContaining('60 percent at least and 50 at the most'),
    ]);
    expect(rules(partitioned('{ min: 60, flowControl: both }', '{ min: 40 }'))).toEqual([]);
    expect(found(partitioned('{ min: 60, flowControl: both }', '{ min: 40, flowControl: none }'))).toEqual([
      expect.stringContaining('has `flowControl: none`, and `both`'),
    ]);
  });

  it('do storage where the chip does', () => {
    expect(rules(slotExample('marvell-57711e', ['partitions: [{ functions: [fcoe] }]']))).toEqual(['SW-1185']);
    expect(rules(slotExample('marvell-57810', ['partitions: [{ functions: [fcoe, iscsi] }]']))).toEqual([]);
  });
});

describe('ports that can be InfiniBand or Ethernet', () => {
  it('are paired one way round on Windows', () => {
    expect(rules(pair('infiniband', 'ethernet'))).toEqual([]);
    expect(rules(pair('ethernet', 'infiniband'))).toEqual(['SW-1192']);
    expect(rules(pair('ethernet', 'infiniband', 'linux'))).toEqual([]);
  });
});
