/** Outputs that others have published; each says where. */
import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import type { OutputKind, Reading } from '../core/dialect.ts';
import { differences } from '../core/diff.ts';
import { keyText, valueText } from '../core/setting.ts';
import { powershell } from './index.ts';

const kindOf = (text: string): OutputKind => powershell.outputs.toSorted((one, other) => other.recognise(text) - one.recognise(text))[0]!;

const read = (name: string, text: string, port?: string): Reading => {
  const kind = kindOf(text);
  expect(kind.name).toBe(name);
  return kind.read(text, { file: 'host.txt', port });
};

const told = ({ settings }: Reading): string[] =>
  settings.map(({ key, value, quiet }) => `${quiet === true ? '(' : ''}${keyText(key)} = ${valueText(value)}${quiet === true ? ')' : ''}`);

const row = (priority: number, enabled: string, set: string): string => `${priority}          ${enabled.padEnd(10)} ${set}`;

const table = (on: number, set: string): string =>
  `PS C:\\> Get-NetQosFlowControl

Priority   Enabled    PolicySet        IfIndex IfAlias
--------   -------    ---------        ------- -------
${[0, 1, 2, 3, 4, 5, 6, 7].map((priority) => row(priority, priority === on ? 'True' : 'False', set)).join('\n')}
`;

describe('outputs of Data Center Bridging (Microsoft, Manage Data Center Bridging)', () => {
  it('Get-NetQosFlowControl of all adapters and of one', () => {
    const all = read('Get-NetQosFlowControl', table(4, 'Global'));
    expect(told(all)).toEqual(['dcb.pfc = [4]']);
    expect(all.settings[0]!.from).toEqual({ kind: 'output', file: 'host.txt', line: 12 });
    expect(told(read('Get-NetQosFlowControl', table(3, 'AdapterSpecific  4       M1')))).toEqual(['nics.M1.dcb.pfc = [3]']);
    expect(told(read('Get-NetQosFlowControl', table(9, 'Global')))).toEqual(['dcb.pfc = []']);
  });

  it('Get-NetQosTrafficClass: what no class has is in the class of Windows', () => {
    const reading = read(
      'Get-NetQosTrafficClass',
      `Name        Algorithm Bandwidth(%) Priority         PolicySet        IfIndex IfAlias
----        --------- ------------ --------         ---------        ------- -------
[Default]   ETS       70           0-3,5-7          Global
SMBGlobal   ETS       30           4                Global
`,
    );
    expect(told(reading)).toEqual(['dcb.classes.4.priorities = [4]', 'dcb.classes.4.bandwidth = 30', '(dcb.classes.4.name = SMBGlobal)']);
    expect(reading.defaultOf(['dcb', 'classes', '0', 'priorities'])).toEqual([0, 1, 2, 3, 5, 6, 7]);
    expect(reading.defaultOf(['dcb', 'classes', '0', 'bandwidth'])).toBe(70);
  });

  it('Get-NetAdapterQos, on and off', () => {
    const reading = read(
      'Get-NetAdapterQos',
      `PS C:\\> Get-NetAdapterQos

Name                       : M1
Enabled                    : True
Capabilities               :                       Hardware     Current
                                                   --------     -------
                             MacSecBypass        : NotSupported NotSupported
                             DcbxSupport         : None         None
                             NumTCs(Max/ETS/PFC) : 8/8/8        8/8/8

OperationalTrafficClasses  : TC TSA    Bandwidth Priorities
                             -- ---    --------- ----------
                              0 ETS    70%       0-3,5-7
                              1 ETS    30%       4

OperationalFlowControl     : All Priorities Disabled
OperationalClassifications : Protocol  Port/Type Priority
                             --------  --------- --------
                             Default             1

Name         : M2
Enabled      : False
Capabilities :                       Hardware     Current
                                     --------     -------
               MacSecBypass        : NotSupported NotSupported
`,
    );
    expect(told(reading)).toEqual([
      'nics.M1.dcb.pfc = []',
      '(nics.M1.dcb.classes.0.priorities = [0, 1, 2, 3, 5, 6, 7])',
      '(nics.M1.dcb.classes.0.bandwidth = 70)',
      '(nics.M1.dcb.classes.4.priorities = [4])',
      '(nics.M1.dcb.classes.4.bandwidth = 30)',
      'nics.M2.dcb.pfc = []',
    ]);
    expect(reading.unknown.map(({ line }) => line)).toEqual([19]);
  });

  it('Get-NetQosPolicy: what has no word is kept', () => {
    const reading = read(
      'Get-NetQosPolicy',
      `Name           : background
Owner          : Group Policy (Machine)
NetworkProfile : All
Precedence     : 127
AppPathName    : C:\\Program files (x86)\\backup.exe
JobObject      :
PriorityValue  : 1

Name           : SMB
Owner          : Group Policy (Machine)
NetworkProfile : All
Precedence     : 127
JobObject      :
NetDirectPort  : 445
PriorityValue  : 3
`,
    );
    expect(told(reading)).toEqual(['policies.SMB.match = net-direct:445', 'policies.SMB.priority = 3']);
    expect(reading.unknown.map(({ line }) => line)).toEqual([5, 1]);
  });

  it('Get-NetQosDcbxSetting', () => {
    const reading = read(
      'Get-NetQosDcbxSetting',
      'Willing PolicySet        IfIndex IfAlias\n------- ---------        ------- -------\nFalse   Global\n',
    );
    expect(told(reading)).toEqual(['dcb.willing = false']);
  });
});

const propertyRow = (value: string, text: string): string =>
  `Ethernet 2                ${text.padEnd(30)} ${value.padEnd(30)} -               {0}`;

const propertyTable = (jumbo: string): string =>
  `Name                      DisplayName                    DisplayValue                   RegistryKeyword RegistryValue
----                      -----------                    ------------                   --------------- -------------
${propertyRow(jumbo, 'Jumbo Packet')}
${propertyRow('Rx & Tx Enabled', 'Flow Control')}
${propertyRow('10', 'VLAN ID')}
`;

describe('differences between a declaration and what Windows prints', () => {
  const node = declaredNode(
    parseFabric(
      `version: 1
name: example
hosts:
  win1:
    os: windows
    dcb: { willing: false, pfc: [3] }
    policies: { SMB: { match: net-direct:445, priority: 3 } }
    nics: { p1: { device: Ethernet 2, mtu: 9000, vlans: { 10: {} } }, p2: { mtu: 9000 } }
`,
      'example.yaml',
    ),
    'win1',
  )!;
  const keys = (text: string): string[] =>
    differences(node, kindOf(text).read(text, { file: 'host.txt', port: undefined })).map(({ kind, key }) => `${kind} ${key}`);

  it('are those of the adapters that were asked about, by their own names', () => {
    expect(keys(propertyTable('9014'))).toEqual([]);
    expect(keys(propertyTable('1514'))).toEqual(['differs nics."Ethernet 2".mtu']);
  });

  it('show a policy that is not there, and PFC in another priority', () => {
    expect(keys('Name           : Other\nOwner          : Group Policy (Machine)\nNetworkProfile : All\nTemplate       : SMB\n')).toEqual([
      'missing policies.SMB.match',
      'missing policies.SMB.priority',
      'undeclared policies.Other.match',
    ]);
    const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((priority) => row(priority, priority === 5 ? 'True' : 'False', 'Global'));
    expect(
      keys(
        `Priority   Enabled    PolicySet        IfIndex IfAlias\n--------   -------    ---------        ------- -------\n${rows.join('\n')}\n`,
      ),
    ).toEqual(['differs dcb.pfc']);
  });
});

describe('outputs of adapters', () => {
  it('Get-NetAdapter (a published note): numbers at the right edge, names cut short', () => {
    const reading = read(
      'Get-NetAdapter',
      `Name                      InterfaceDescription                    ifIndex Status       MacAddress             LinkSpeed
----                      --------------------                    ------- ------       ----------             ---------
vEthernet (InternalNAT)   Hyper-V Virtual Ethernet Adapter #2          16 Up           00-15-5D-01-04-00        10 Gbps
vEthernet (Microsoft H... Hyper-V Virtual Ethernet Adapter              2 Up           00-0D-3A-20-77-B7        50 Gbps
Ethernet                  QLogic BCM5709C Gigabit Ethernet ...#47      18 Up           78-E7-D1-65-6A-EC         1 Gbps
`,
    );
    expect(told(reading)).toEqual([
      '(virtualNics.InternalNAT.mac = 00:15:5d:01:04:00)',
      '(nics.Ethernet.mac = 78:e7:d1:65:6a:ec)',
      '(nics.Ethernet.speed = 1000000000)',
    ]);
    expect(reading.unknown).toEqual([{ line: 4, text: expect.any(String) as string, why: 'The name of the adapter is cut short.' }]);
  });

  it('Get-NetAdapterAdvancedProperty as a table (published notes): the VLAN, and what has no word', () => {
    const reading = read(
      'Get-NetAdapterAdvancedProperty',
      `Name                      DisplayName                    DisplayValue                   RegistryKeyword RegistryValue
----                      -----------                    ------------                   --------------- -------------
Ethernet 2                VLAN ID                        10                                     VLAN_ID               {10}
Ethernet                  Wake on Magic Packet           Enabled                        *WakeOnMagic... {1}
`,
    );
    expect(told(reading)).toEqual(['nics."Ethernet 2".vlans.10.present = true']);
    expect(reading.unknown.map(({ line }) => line)).toEqual([4]);
  });

  it('Get-VMSwitch (Microsoft, Azure Kubernetes Service on Azure Stack HCI): the uplink has another name there', () => {
    const reading = read(
      'Get-VMSwitch',
      `Name           SwitchType NetAdapterInterfaceDescription
----           ---------- ------------------------------
extSwitch      External   Mellanox ConnectX-3 Pro Ethernet Adapter
Default Switch Internal   Teamed-Interface
`,
    );
    expect(told(reading)).toEqual([
      'virtualSwitches.extSwitch.kind = hyper-v',
      'virtualSwitches."Default Switch".kind = hyper-v',
      'virtualSwitches."Default Switch".embeddedTeaming = true',
    ]);
    expect(reading.unknown.map(({ line }) => line)).toEqual([3]);
  });

  it('garbage is an error with its line, whatever reads it', () => {
    for (const output of powershell.outputs) {
      const reading = output.read('\n<html>\nhello there\n', { file: 'x', port: 'p1' });
      expect(reading.errors[0]?.line, output.name).toBeGreaterThan(0);
      expect(reading.settings, output.name).toEqual([]);
      expect(output.read('a\u0000b', { file: 'x', port: undefined }).errors[0]?.line).toBe(1);
    }
  });
});
