/** What the rules over booting say beyond the example of each: at the edge, and where nothing may be concluded. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../../check-fabric.ts';
import { EXAMPLE_HOST, EXAMPLE_TARGET } from '../../example.ts';
import { bootExample, targetBoot } from './examples.ts';

const found = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule, message }) => `${rule} ${message}`);
const rules = (text: string): string[] => checkText(text, 'x.yaml').problems.map(({ rule }) => rule);

const piece = (more: string): string => bootExample(`protocol: pxe, dhcp: false, ${more}`);

const startedWith = (address: string): string =>
  bootExample(targetBoot().replace('192.0.2.11/24', `${address}/24`)).replace('nic0: { boot', 'nic0: { addresses: [192.0.2.11/24], boot');

const mutualChap = (secret: string): string =>
  `chap: { user: esx1, secret: { env: ESX1 }, mutual: { user: array1, secret: { env: ${secret} } } }`;

const overTrunk = (vlans: string): string =>
  bootExample(targetBoot())
    .replace('links:', `  tor2: { ports: { 1: { vlan: 20 }, 48: { trunk: ${vlans}, native: none } } }\nlinks:\n  - [tor1:48, tor2:48]`)
    .replace('      2: { vlan: 20 }', `      48: { trunk: ${vlans}, native: none }`)
    .replace('tor1:2]', 'tor2:1]');

const mutualBoot = (secret: string): string =>
  bootExample(targetBoot(`, ${mutualChap(secret)}`), { target: `access: [{ initiator: ${EXAMPLE_HOST}, ${mutualChap('ARRAY')} }]` });

const withAdapter = (kind: string): string =>
  bootExample(targetBoot(), {
    host: `adapters:\n  slot1: { model: generic, ports: [nic0, nic1] }\niscsi:\n  vmhba64: { initiator: "iqn.1998-01.com.vmware:esx1-data", ${kind}, discovery: [array1] }`,
    target: `access: [${EXAMPLE_HOST}, "iqn.1998-01.com.vmware:esx1-data"]`,
  }).replace('nic0: { boot', 'nic1: {}\n      nic0: { addresses: [192.0.2.12/24], boot');

describe('the address of a boot agent', () => {
  it('is not used beside DHCP, which is on where nobody says so', () => {
    expect(found(bootExample('protocol: pxe, address: 192.0.2.11/24'))).toEqual([
      'SW-1194 `esx1:nic0` gets its address by DHCP, and does not use 192.0.2.11.',
    ]);
    expect(rules(bootExample('protocol: none, address: 192.0.2.11/24'))).toEqual([]);
  });

  it('has the version that the agent speaks, and its router in its network', () => {
    expect(rules(piece('address: 2001:db8::11/64'))).toEqual(['SW-1194']);
    expect(rules(piece('address: "2001:db8::11/64", ipVersion: 6'))).toEqual([]);
    expect(rules(piece('address: 192.0.2.11/24, gateway: 192.0.2.1'))).toEqual([]);
    expect(rules(piece('address: 192.0.2.11/28, gateway: 192.0.2.17'))).toEqual(['SW-1194']);
  });

  it('may be that of the system that it starts, of nobody else', () => {
    expect(rules(startedWith('192.0.2.11'))).toEqual([]);
    expect(found(startedWith('192.0.2.20'))).toEqual([expect.stringContaining('is the address of `array1:eth0` already')]);
  });
});

describe('the target of a boot agent', () => {
  it('may be outside of the fabric', () => {
    expect(rules(bootExample(targetBoot('', '', '192.0.2.99:3260')))).toEqual([]);
  });

  it('is at a portal that the array has', () => {
    expect(found(bootExample(targetBoot('', '', '192.0.2.20:3261')))).toEqual([
      'SW-1197 `esx1:nic0` boots from 192.0.2.20:3261, and `array1`, which has that address, does not listen there.',
    ]);
  });

  it('has the name that stands there', () => {
    expect(found(bootExample(targetBoot().replace(EXAMPLE_TARGET, 'iqn.2026-01.net.example:disk2')))).toEqual([
      expect.stringContaining('`array1` at 192.0.2.20:3260 has no such target'),
    ]);
  });

  it('may be reached on an array that listens everywhere', () => {
    const text = bootExample(targetBoot()).replace('portals: ["192.0.2.20:3260"]', 'portals: ["0.0.0.0:3260"]');
    expect(rules(text)).toEqual([]);
    expect(rules(text.replace('lun: 0', 'lun: 7').replace(/name: "[^"]*"/, `name: "${EXAMPLE_TARGET}", lun: 7`))).toEqual(['SW-1197']);
  });

  it('in another network needs a router', () => {
    expect(found(bootExample(targetBoot('', '', '198.51.100.20:3260')))).toEqual([expect.stringContaining('with no `gateway` to go by')]);
    expect(rules(bootExample(targetBoot('', ', gateway: 192.0.2.1', '198.51.100.20:3260')))).toEqual([]);
  });

  it('asks for the CHAP that the agent gives', () => {
    const target = `access: [{ initiator: ${EXAMPLE_HOST}, chap: { user: esx1, secret: { env: ESX1 } } }]`;
    const boot = (chap: string): string => bootExample(targetBoot(chap), { target });
    expect(found(boot(''))).toEqual([expect.stringMatching(/^SW-1198 .*asks for CHAP, and the boot agent of `esx1:nic0` gives none/)]);
    expect(rules(boot(', chap: { user: esx1, secret: { env: ESX1 } }'))).toEqual([]);
    expect(found(boot(', chap: { user: esx9, secret: { env: ESX1 } }'))).toEqual([expect.stringContaining('another CHAP user')]);
    expect(found(boot(', chap: { user: esx1, secret: { env: ESX1 }, mutual: { user: array1, secret: { env: ARRAY } } }'))).toEqual([
      expect.stringContaining('has nothing to do so with'),
    ]);
  });

  it('proves itself with another secret than the agent', () => {
    expect(rules(mutualBoot('ARRAY'))).toEqual([]);
    expect(rules(mutualBoot('ESX1'))).toEqual(['SW-1008']);
  });

  it('wants digests: then an agent without them is not let in', () => {
    expect(found(bootExample(targetBoot(), { array: 'negotiation: { dataDigest: [crc32c] }' }))).toEqual([
      'SW-1205 `esx1:nic0` boots with no data digest, and `array1` agrees to `[crc32c]` only.',
    ]);
    expect(rules(bootExample(targetBoot('', ', dataDigest: true')))).toEqual([]);
  });
});

describe('the VLAN of a boot agent', () => {
  it('is told as a tag only where the port carries tags', () => {
    expect(rules(bootExample('protocol: pxe', { port: 'tagged: [20]' }))).toEqual(['SW-1199']);
    expect(rules(bootExample('protocol: pxe', { port: 'trunk: [20], native: 20' }))).toEqual([]);
    expect(rules(bootExample('protocol: pxe, vlan: 30', { port: 'trunk: [20], native: 20' }))).toEqual(['SW-1199']);
  });

  it('leads to the array over all the links between switches', () => {
    expect(rules(overTrunk('[20]'))).toEqual([]);
    expect(rules(overTrunk('[30]'))).toContain('SW-1200');
  });
});

describe('DHCP servers', () => {
  it('are missed only where others are declared, and no router passes questions on', () => {
    const server = { array: '' };
    const text = bootExample('protocol: pxe', { ...server, arrayPort: 'vlan: 30' });
    expect(rules(text)).toEqual([]);
    const declared = text.replace(
      'addresses: [192.0.2.20/24]',
      'addresses: [192.0.2.20/24], dhcpServer: { first: 192.0.2.100, last: 192.0.2.199 }',
    );
    expect(rules(declared)).toEqual(['SW-1201']);
    expect(rules(declared.replace('links:', '    vlans: { 20: { addresses: [198.51.100.1/24] }, 30: {} }\nlinks:'))).toEqual([]);
    expect(rules(declared.replace('boot: { protocol: pxe }', 'boot: { protocol: pxe, ipVersion: 6 }'))).toEqual([]);
  });
});

describe('the name of a boot agent', () => {
  it('is that of adapters in software, and of the one in hardware at its port', () => {
    expect(rules(withAdapter('kind: software'))).toEqual(['SW-1203']);
    expect(rules(withAdapter('kind: independent, nic: nic0, address: 192.0.2.13/24'))).toEqual(['SW-1203']);
    expect(rules(withAdapter('kind: independent, nic: nic1, address: 192.0.2.13/24'))).not.toContain('SW-1203');
  });
});

describe('an agent that does nothing', () => {
  it('breaks no rule', () => {
    expect(rules(bootExample('protocol: none, dhcp: false, vlan: 99, dhcpOption: 16'))).toEqual([]);
    expect(rules(bootExample('protocol: none, crashDump: true'))).toEqual(['SW-1207']);
  });
});
