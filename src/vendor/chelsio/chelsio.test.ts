import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import type { Reading } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import { broken } from '../testing/gates.ts';
import { chelsio } from './index.ts';
import { bus, commands, options } from './read.ts';

const told = ({ settings }: Reading): string[] =>
  settings.map(({ key, value, quiet }) => `${quiet === true ? '(' : ''}${keyText(key)} = ${valueText(value)}${quiet === true ? ')' : ''}`);
const context = { file: 'x', port: undefined };

const host = (more: string) =>
  declaredNode(
    parseFabric(
      `version: 1
name: guide
hosts:
  esx1:
    os: esxi
    adapters:
      slot1: { model: chelsio-t520-cr, ports: [vmnic4, vmnic5] }
      slot2: { model: chelsio-t6225-cr, ports: [vmnic6, vmnic7] }
    ${more}
`,
      'guide.yaml',
    ),
    'esx1',
  )!;

/** Ports 0 and 1 of the card have two virtual functions each: the example of the guide. */
const listed = `[root@host:~] lspci | grep Chelsio
0000:05:00.0 Network controller: Chelsio Communications Inc. T580-LP-CR Unified Wire Ethernet Controller [vmnic4]
0000:05:00.1 Network controller: Chelsio Communications Inc. T580-LP-CR Unified Wire Ethernet Controller [vmnic5]
0000:05:00.4 Network controller: Chelsio Communications Inc T580-LP-CR Unified Wire Ethernet Controller
0000:05:00.5 Mass storage controller: Chelsio Communications Inc T580-LP-CR Unified Wire Storage Controller
0000:05:00.6 Serial bus controller: Chelsio Communications Inc T580-LP-CR Unified Wire Storage Controller
0000:05:01.0 Network controller: Chelsio Communications Inc T580-LP-CR Unified Wire Ethernet Controller [PF 0.5.0_VF 0]
0000:05:01.1 Network controller: Chelsio Communications Inc T580-LP-CR Unified Wire Ethernet Controller [PF 0.5.1_VF 0]
0000:05:01.4 Network controller: Chelsio Communications Inc T580-LP-CR Unified Wire Ethernet Controller [PF 0.5.0_VF 1]
`;

describe('parameters of the drivers', () => {
  it('are said for 40 hosts so that they can be read back', () => {
    expect(broken('chelsio', 40)).toBeUndefined();
  });

  it('are one command for a module, restarts are told, other drivers are left to others', () => {
    const node = host('drivers: { cxl: { max_vfs: "0,3,,4,0", max_ports: 12 }, nmlx5_core: { pfctx: 8 } }');
    const rendering = chelsio.emit(node);
    expect(rendering.commands.map(({ text }) => text)).toEqual([
      'esxcfg-module -s "max_vfs=0,3,,4,0 max_ports=12" cxl',
      '/opt/chelsio/bin/cxgbtool -c esxcfg -set',
      'reboot',
    ]);
    expect(rendering.verification[0]).toEqual({
      command: 'esxcfg-module -g cxl',
      expect: ["cxl enabled = 1 options = 'max_vfs=0,3,,4,0 max_ports=12'"],
    });
    expect(rendering.unsaid.map(({ setting }) => keyText(setting.key))).toEqual(['drivers.nmlx5_core.pfctx']);
  });

  it('have the virtual functions of the ports where nobody wrote the list', () => {
    const node = host('nics: { vmnic5: { sriov: { functions: 3 } }, vmnic6: { sriov: { functions: 4 } } }');
    const rendering = chelsio.emit(node);
    expect(rendering.commands[0]).toMatchObject({
      text: 'esxcfg-module -s "max_vfs=0,3,,4,0" cxl',
      from: ['hosts', 'esx1', 'nics', 'vmnic5', 'sriov', 'functions'],
    });
    const reading = options.read("cxl enabled = 1 options = 'max_vfs=0,3,,4,0'", context);
    expect(differences(node, reading)).toEqual([]);
    const other = host('nics: { vmnic5: { sriov: { functions: 3 } } }\n    drivers: { cxl: { max_vfs: "2,2" } }');
    expect(chelsio.emit(other).unsaid.map(({ setting }) => keyText(setting.key))).toContain('nics.vmnic5.sriov.functions');
    const many = host('nics: { vmnic5: { sriov: { functions: 17 } } }');
    expect(chelsio.emit(many).unsaid.find(({ setting }) => keyText(setting.key) === 'nics.vmnic5.sriov.functions')?.why).toContain('16');
  });

  it('are read in the guide’s forms, and what is gone after a restart is no setting', () => {
    const reading = commands.read(
      '[root@esx1:~] esxcfg-module cxl -s max_vfs=2,2\n[root@esx1:~] reboot\n[root@esx1:~] vmkload_mod cxl rss_q=1\n',
      context,
    );
    expect(reading.node).toBe('esx1');
    expect(told(reading)).toEqual(['drivers.cxl.max_vfs = 2,2']);
    expect(reading.unknown).toMatchObject([{ line: 3, why: expect.stringContaining('next start') as string }]);
    expect(told(options.read("[root@host:~] esxcfg-module -g cxl\ncxl enabled = 1 options = 'max_vfs=2,2'\n", context))).toEqual([
      'drivers.cxl.max_vfs = 2,2',
    ]);
    const changed = differences(
      host('drivers: { cxl: { max_vfs: "2,2" } }'),
      options.read("cxl enabled = 1 options = 'max_vfs=2,3'", context),
    );
    expect(changed.map(({ kind, key }) => `${kind} ${key}`)).toEqual(['differs drivers.cxl.max_vfs']);
  });
});

describe('lspci | grep Chelsio', () => {
  it('counts the functions of a port (Chelsio Unified Wire for VMware ESXi 6.7)', () => {
    const reading = bus.read(listed, context);
    expect(told(reading)).toEqual(['nics.vmnic4.sriov.functions = 2', 'nics.vmnic5.sriov.functions = 1']);
    expect(reading.unknown).toEqual([]);
    expect(bus.recognise(listed)).toBeGreaterThan(0.8);
  });

  it('shows a function that is missing', () => {
    const node = host('nics: { vmnic4: { sriov: { functions: 2 } }, vmnic5: { sriov: { functions: 2 } } }');
    expect(differences(node, bus.read(listed, context))).toMatchObject([{ kind: 'differs', key: 'nics.vmnic5.sriov.functions' }]);
  });

  it('keeps ports without a name, and calls garbage an error', () => {
    const reading = bus.read(
      '06:00.0 Ethernet controller: Chelsio Communications Inc T6225-CR Unified Wire Ethernet Controller\n',
      context,
    );
    expect(reading.unknown).toMatchObject([{ line: 1, why: 'A port whose name is not shown.' }]);
    for (const output of chelsio.outputs) expect(output.read('\nnothing of it\n', context).errors[0]?.line, output.name).toBe(2);
  });
});
