/** From what five devices print to a fabric file, to the mistake in it, to the command that mends it, to the difference that is left on the device. */
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../program.ts';
import { testContext } from '../testing/test-context.ts';

async function run(line: string, files: Record<string, string>) {
  const context = testContext({ files });
  let code: number | undefined;
  const program = buildProgram(context, '0.0.0', (given) => {
    code = given;
  });
  await program.exitOverride().parseAsync(['node', 'samewire', ...line.split(' ')]);
  return { code, out: context.written(), err: context.complaints() };
}

/** As NVIDIA Onyx prints its running configuration. */
const onyx = (name: string, vlan: number, esx1Bytes: number): string => `##
## Running database "initial"
## Generated at 2026/01/15 09:12:31 +0000
## Hostname: ${name}
## Product release: 3.10.4006
##

##
## Running-config temporary prefix mode setting
##
no cli default prefix-modes enable

##
## Interface Ethernet configuration
##
   interface ethernet 1/1-1/3 speed 25G force
   interface ethernet 1/1 mtu ${esx1Bytes} force
   interface ethernet 1/2-1/3 mtu 9216 force
   interface ethernet 1/1-1/2 switchport mode hybrid
   interface ethernet 1/1 description "esx1"
   interface ethernet 1/2 description "esx2"
   interface ethernet 1/3 description "array1"
   interface ethernet 1/3 switchport access vlan ${vlan}

##
## VLAN configuration
##
   vlan 10
   vlan ${vlan}
   vlan 10 name "management"
   vlan ${vlan} name "storage"
   interface ethernet 1/1-1/2 switchport hybrid allowed-vlan none
   interface ethernet 1/1-1/2 switchport hybrid allowed-vlan add ${vlan}
   interface ethernet 1/1-1/2 switchport access vlan 10

##
## Other IP configuration
##
   hostname ${name}

##
## Network interface configuration
##
   interface mgmt0 ip address 192.0.2.2 /24
`;

const vswitch = (name: string): string => `[root@${name}:~] esxcfg-vswitch -l
Switch Name      Num Ports   Used Ports  Configured Ports  MTU     Uplinks
vSwitch0         8192        5           128               9000    vmnic0,vmnic1

  PortGroup Name        VLAN ID  Used Ports  Uplinks
  iSCSI-A               20       1           vmnic0
  iSCSI-B               21       1           vmnic1
  Management Network    0        1           vmnic0,vmnic1
`;

const column = (text: string, width: number): string => text.padEnd(width);
const vmknic = (name: string, host: number): string => {
  const row = (nic: string, group: string, address: string, mask: string, broadcast: string, bytes: number): string =>
    `${column(nic, 11)}${column(group, 40)}IPv4      ${column(address, 40)}${column(mask, 16)}${column(broadcast, 16)}00:50:56:6${host}:b7:1${nic.at(-1)} ${column(`${bytes}`, 8)}65535     true    STATIC              defaultTcpipStack   `;
  return `[root@${name}:~] esxcfg-vmknic -l
Interface  Port Group/DVPort/Opaque Network        IP Family IP Address                              Netmask         Broadcast       MAC Address       MTU     TSO MSS   Enabled Type                NetStack            
${row('vmk0', 'Management Network', `192.0.2.1${host}`, '255.255.255.0', '192.0.2.255', 1500)}
${row('vmk1', 'iSCSI-A', `198.51.100.1${host}`, '255.255.255.128', '198.51.100.127', 9000)}
${row('vmk2', 'iSCSI-B', `198.51.100.14${host}`, '255.255.255.128', '198.51.100.255', 9000)}
`;
};

const nics = (
  host: number,
): string => `Name    PCI Device    Driver  Admin Status  Link Status  Speed  Duplex  MAC Address         MTU  Description
------  ------------  ------  ------------  -----------  -----  ------  -----------------  ----  -----------
vmnic0  0000:3b:00.0  nmlx5   Up            Up           25000  Full    00:50:56:0${host}:00:00  9000  Mellanox Technologies MT27800 Family [ConnectX-5]
vmnic1  0000:3b:00.1  nmlx5   Up            Up           25000  Full    00:50:56:0${host}:00:01  9000  Mellanox Technologies MT27800 Family [ConnectX-5]
`;

const port = (index: number, name: string, address: string): object => ({
  ifindex: index,
  ifname: name,
  flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
  mtu: 9000,
  qdisc: 'mq',
  operstate: 'UP',
  group: 'default',
  txqlen: 1000,
  link_type: 'ether',
  address: `02:00:00:00:00:0${index}`,
  broadcast: 'ff:ff:ff:ff:ff:ff',
  addr_info: [{ family: 'inet', local: address, prefixlen: 25, scope: 'global', label: name, valid_life_time: 4294967295 }],
});

const saveconfig = JSON.stringify(
  {
    fabric_modules: [],
    storage_objects: [{ dev: '/srv/vmfs.img', name: 'vmfs', plugin: 'fileio', size: 1_073_741_824, write_back: false, wwn: 'a3f1' }],
    targets: [
      {
        fabric: 'iscsi',
        tpgs: [
          {
            attributes: { authentication: 0, generate_node_acls: 1, cache_dynamic_acls: 1, demo_mode_write_protect: 0 },
            enable: true,
            luns: [{ index: 0, storage_object: '/backstores/fileio/vmfs' }],
            node_acls: [],
            portals: [
              { ip_address: '198.51.100.20', iser: false, port: 3260 },
              { ip_address: '198.51.100.150', iser: false, port: 3260 },
            ],
            tag: 1,
          },
        ],
        wwn: 'iqn.2026-01.net.example:vmfs',
      },
    ],
  },
  undefined,
  2,
);

const OUTPUTS: Record<string, string> = {
  // Somebody forgot one port.
  'tor1.txt': onyx('tor1', 20, 1500),
  'tor2.txt': onyx('tor2', 21, 9216),
  'esx1.switches.txt': vswitch('esx1'),
  'esx1.nics.txt': nics(1),
  'esx1.kernel.txt': vmknic('esx1', 1),
  'esx2.switches.txt': vswitch('esx2'),
  'esx2.nics.txt': nics(2),
  'esx2.kernel.txt': vmknic('esx2', 2),
  'array1.saveconfig.json': saveconfig,
  'array1.addresses.json': JSON.stringify([port(2, 'e1', '198.51.100.20'), port(3, 'e2', '198.51.100.150')], undefined, 1),
};

/** Where cables go no output tells. */
const LINKS = `links:
  - [esx1:vmnic0, tor1:1/1]
  - [esx2:vmnic0, tor1:1/2]
  - [array1:e1, tor1:1/3]
  - [esx1:vmnic1, tor2:1/1]
  - [esx2:vmnic1, tor2:1/2]
  - [array1:e2, tor2:1/3]
`;

interface Problem {
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly line: number;
  readonly related?: readonly { readonly line: number }[];
}

const problemsIn = async (yaml: string): Promise<readonly Problem[]> =>
  (JSON.parse((await run('check fabric.yaml --json', { 'fabric.yaml': yaml })).out) as { problems: Problem[] }).problems;

const lineOf = (text: string, part: string): number => text.split('\n').findIndex((line) => line.includes(part)) + 1;

/** What the files of the devices come to, with the cables. */
async function importedFabric(outputs: Readonly<Record<string, string>>): Promise<string> {
  const { out, code } = await run(`import ${Object.keys(outputs).join(' ')} --name rack7`, { ...outputs });
  expect(code).toBe(0);
  return out + LINKS;
}

const differencesOf = async (yaml: string, outputs: Readonly<Record<string, string>>) => {
  const { out, code } = await run(`diff fabric.yaml ${Object.keys(outputs).join(' ')} --json`, { ...outputs, 'fabric.yaml': yaml });
  const { nodes, mistakes } = JSON.parse(out) as { nodes: { sources: { differences: object[] }[] }[]; mistakes: object[] };
  return { code, mistakes, differences: nodes.flatMap(({ sources }) => sources.flatMap(({ differences }) => differences)) };
};

const errorsIn = async (yaml: string): Promise<readonly Problem[]> =>
  (await problemsIn(yaml)).filter(({ severity }) => severity === 'error');

describe('two switches, two ESXi hosts and an array', () => {
  it('are imported whole: what is not understood is told, and the file is what the devices say', async () => {
    const { err } = await run(`import ${Object.keys(OUTPUTS).join(' ')}`, OUTPUTS);
    const line = lineOf(OUTPUTS['tor1.txt']!, 'interface mgmt0');
    expect(err).toContain(`2 lines not understood:\n  tor1.txt:${line}: interface mgmt0 ip address 192.0.2.2 /24\n  tor2.txt:${line}:`);
    expect(err).not.toContain('disagree');
    const yaml = await importedFabric(OUTPUTS);
    expect(yaml).toContain('# esx1.switches.txt: esxcfg-vswitch -l');
    expect(await differencesOf(yaml, OUTPUTS)).toEqual({ code: 0, mistakes: [], differences: [] });
  });

  it('have a port that nobody gave the larger MTU: found, mended, rendered, and left as the only difference', async () => {
    const yaml = await importedFabric(OUTPUTS);
    const errors = await errorsIn(yaml);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('`esx1:vmnic0` sends packets of up to 9000 bytes, and `tor1:1/1` carries 1500'),
    ]);
    const planted = lineOf(yaml, 'mtu: 1500');
    expect(errors[0]!.related).toContainEqual(expect.objectContaining({ line: planted }));
    // The comment above the switch says which file it came from.
    expect(
      yaml
        .split('\n')
        .slice(0, planted)
        .findLast((line) => line.includes('#')),
    ).toContain('tor1.txt: show running-config');

    const mended = yaml.replace('mtu: 1500', 'mtu: 9216');
    expect(await errorsIn(mended)).toEqual([]);
    const rendered = await run('render fabric.yaml --node tor1 --as onyx --json', { 'fabric.yaml': mended });
    const { commands } = JSON.parse(rendered.out) as { commands: { text: string; line?: number }[] };
    const mending = commands.filter(({ line }) => line === planted).map(({ text }) => text);
    expect(mending).toEqual([expect.stringMatching(/^interface ethernet 1\/1 mtu 9216( force)?$/)]);
    expect(await differencesOf(mended, OUTPUTS)).toEqual({
      code: 1,
      mistakes: [],
      differences: [
        {
          kind: 'differs',
          key: 'ports.1/1.mtu',
          declared: { value: 9216, file: 'fabric.yaml', line: planted },
          found: { value: 1500, file: 'tor1.txt', line: lineOf(OUTPUTS['tor1.txt']!, 'interface ethernet 1/1 mtu') },
        },
      ],
    });
    // Typed at the device, it is gone.
    const after = { ...OUTPUTS, 'tor1.txt': OUTPUTS['tor1.txt']!.replace(/interface ethernet 1\/1 mtu .*/, mending[0]!) };
    expect((await differencesOf(mended, after)).code).toBe(0);
  });

  it('have a port that does not carry the VLAN of the port group behind it', async () => {
    const outputs: Record<string, string> = { ...OUTPUTS, 'tor1.txt': onyx('tor1', 20, 9216) };
    outputs['tor2.txt'] = outputs['tor2.txt']!.replace(
      '1/1-1/2 switchport hybrid allowed-vlan add 21',
      '1/1 switchport hybrid allowed-vlan add 21',
    );
    const yaml = await importedFabric(outputs);
    const errors = await errorsIn(yaml);
    expect(errors.map(({ rule, message }) => `${rule} ${message}`)).toEqual([
      'SW-1067 Port group `esx2:iSCSI-B` sends VLAN 21 by `vmnic1`, and `tor2:1/2` does not carry it.',
    ]);
    expect(yaml.split('\n')[errors[0]!.line - 1]).toContain('vlan: 21');
  });
});
