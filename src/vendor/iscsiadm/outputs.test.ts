import { describe, expect, it } from 'vitest';
import { parseFabric } from '../../fabric/load.ts';
import { declaredNode } from '../core/declared.ts';
import { differences } from '../core/diff.ts';
import type { Reading } from '../core/dialect.ts';
import { keyText, valueText } from '../core/setting.ts';
import { iscsiadm } from './index.ts';

const context = { file: 'lin1.txt', port: undefined };
const [commands, records, sessions, lists] = iscsiadm.outputs;
const told = ({ settings }: Reading, quiet = false): string[] =>
  settings.filter((one) => quiet || one.quiet !== true).map(({ key, value }) => `${keyText(key)} = ${valueText(value)}`);

/** Printed by iscsiadm 2.1.8 of Debian 12 (`-m node -T ... -p ... -I iscsi0`), without most of its empty lines of `iface.`. */
const RECORD = `# BEGIN RECORD 2.1.8
node.name = iqn.2003-01.org.linux-iscsi.example:sn.1
node.tpgt = -1
node.startup = manual
node.leading_login = No
iface.iscsi_ifacename = iscsi0
iface.net_ifacename = p1
iface.ipaddress = <empty>
iface.prefix_len = 0
iface.hwaddress = <empty>
iface.transport_name = iser
iface.initiatorname = iqn.2026-01.net.example:host1
iface.vlan_id = 0
iface.discovery_logout = <empty>
node.discovery_address = <empty>
node.discovery_port = 0
node.discovery_type = static
node.session.initial_cmdsn = 0
node.session.initial_login_retry_max = 4
node.session.xmit_thread_priority = -20
node.session.cmds_max = 64
node.session.queue_depth = 32
node.session.nr_sessions = 1
node.session.auth.authmethod = CHAP
node.session.auth.username = user1
node.session.auth.password = ********
node.session.auth.username_in = <empty>
node.session.auth.password_in = <empty>
node.session.auth.chap_algs = MD5
node.session.timeo.replacement_timeout = 120
node.session.err_timeo.abort_timeout = 15
node.session.err_timeo.lu_reset_timeout = 30
node.session.err_timeo.tgt_reset_timeout = 30
node.session.err_timeo.host_reset_timeout = 60
node.session.iscsi.FastAbort = Yes
node.session.iscsi.InitialR2T = No
node.session.iscsi.ImmediateData = No
node.session.iscsi.FirstBurstLength = 262144
node.session.iscsi.MaxBurstLength = 16776192
node.session.iscsi.DefaultTime2Retain = 0
node.session.iscsi.DefaultTime2Wait = 2
node.session.iscsi.MaxConnections = 1
node.session.iscsi.MaxOutstandingR2T = 4
node.session.iscsi.ERL = 0
node.session.scan = auto
node.session.reopen_max = 0
node.conn[0].address = 10.0.8.252
node.conn[0].port = 3260
node.conn[0].startup = manual
node.conn[0].tcp.window_size = 524288
node.conn[0].tcp.type_of_service = 0
node.conn[0].timeo.logout_timeout = 15
node.conn[0].timeo.login_timeout = 5
node.conn[0].timeo.auth_timeout = 45
node.conn[0].timeo.noop_out_interval = 5
node.conn[0].timeo.noop_out_timeout = 5
node.conn[0].iscsi.MaxXmitDataSegmentLength = 0
node.conn[0].iscsi.MaxRecvDataSegmentLength = 262144
node.conn[0].iscsi.HeaderDigest = CRC32C,None
node.conn[0].iscsi.DataDigest = CRC32C
node.conn[0].iscsi.IFMarker = No
node.conn[0].iscsi.OFMarker = No
# END RECORD
`;

const TARGET = 'iscsi.iscsi0.targets."iqn.2003-01.org.linux-iscsi.example:sn.1"';

const discovered = (name: string): string =>
  RECORD.replace('sn.1', name)
    .replace('discovery_type = static', 'discovery_type = send_targets')
    .replace('discovery_address = <empty>', 'discovery_address = 10.0.8.253')
    .replace('discovery_port = 0', 'discovery_port = 3260');

describe('records', () => {
  it('of iscsiadm 2.1.8 are read whole, and only what somebody set is told aloud', () => {
    const reading = records!.read(RECORD, context);
    expect([reading.errors, reading.unknown]).toEqual([[], []]);
    expect(told(reading)).toEqual([
      'iscsi.iscsi0.transport = iser',
      'iscsi.iscsi0.nic = p1',
      'iscsi.iscsi0.initiator = iqn.2026-01.net.example:host1',
      `${TARGET}.present = true`,
      `${TARGET}.address = 10.0.8.252:3260`,
      `${TARGET}.settings.headerDigest = [crc32c, none]`,
      `${TARGET}.settings.dataDigest = [crc32c]`,
      `${TARGET}.settings.immediateData = false`,
      `${TARGET}.settings.maxOutstandingR2T = 4`,
      `${TARGET}.settings.commands = 64`,
      `${TARGET}.settings.loginTimeoutNanos = 5000000000`,
      `${TARGET}.chap.user = user1`,
    ]);
    expect(JSON.stringify(reading.settings)).not.toContain('****');
  });

  it('that agree are told of the adapter, as where they were discovered', () => {
    const reading = records!.read(discovered('a') + discovered('b').replace('cmds_max = 64', 'cmds_max = 32'), context);
    expect(told(reading)).toEqual(
      expect.arrayContaining([
        'iscsi.iscsi0.discovery."10.0.8.253:3260".present = true',
        'iscsi.iscsi0.settings.immediateData = false',
        'iscsi.iscsi0.chap.user = user1',
      ]),
    );
    expect(told(reading).filter((line) => line.includes('.targets.'))).toEqual([
      'iscsi.iscsi0.targets."iqn.2003-01.org.linux-iscsi.example:a".settings.commands = 64',
      'iscsi.iscsi0.targets."iqn.2003-01.org.linux-iscsi.example:a".present = true',
      'iscsi.iscsi0.targets."iqn.2003-01.org.linux-iscsi.example:b".settings.commands = 32',
      'iscsi.iscsi0.targets."iqn.2003-01.org.linux-iscsi.example:b".present = true',
    ]);
  });

  it('have a changed word named, against the declaration and by its line', () => {
    const fabric = parseFabric(
      `version: 1
name: example
hosts:
  lin1:
    iscsi:
      iscsi0:
        initiator: iqn.2026-01.net.example:host1
        transport: iser
        nic: p1
        targets:
          - name: iqn.2003-01.org.linux-iscsi.example:sn.1
            address: 10.0.8.252:3260
            chap: { user: user1, secret: { env: DISK_SECRET } }
            settings: { headerDigest: [crc32c, none], dataDigest: [crc32c], immediateData: false, maxOutstandingR2T: 4, commands: 64, loginTimeout: 5s }
`,
      'fabric.yaml',
    );
    const node = declaredNode(fabric, 'lin1')!;
    expect(differences(node, records!.read(RECORD, context))).toEqual([]);
    const changed = records!.read(RECORD.replace('cmds_max = 64', 'cmds_max = 128'), context);
    expect(differences(node, changed)).toEqual([
      expect.objectContaining({
        kind: 'differs',
        key: `${TARGET}.settings.commands`,
        found: expect.objectContaining({ value: 128, from: { kind: 'output', file: 'lin1.txt', line: 21 } }),
      }),
    ]);
  });

  it('of discovery, iscsid.conf and initiatorname.iscsi are read too', () => {
    // iscsiadm 2.1.8, `-m discoverydb -t sendtargets -p 10.0.8.253:3260`.
    const discovery = `# BEGIN RECORD 2.1.8
discovery.startup = manual
discovery.type = sendtargets
discovery.sendtargets.address = 10.0.8.253
discovery.sendtargets.port = 3260
discovery.sendtargets.auth.authmethod = CHAP
discovery.sendtargets.auth.username = user2
discovery.sendtargets.auth.password = <empty>
# END RECORD
`;
    expect(told(records!.read(discovery, { ...context, port: 'iscsi0' }))).toEqual([
      'iscsi.iscsi0.discovery."10.0.8.253:3260".present = true',
      'iscsi.iscsi0.discovery."10.0.8.253:3260".chap.user = user2',
    ]);
    // Lines of the iscsid.conf of Debian 12.
    const configuration = `#node.session.auth.username = username
iscsid.startup = /bin/systemctl start iscsid.socket
node.startup = manual
node.session.cmds_max = 256
node.session.iscsi.InitialR2T = No
node.session.auth.password = verysecretword
node.session.frobnicate = 1
`;
    const reading = records!.read(configuration, context);
    expect(told(reading)).toEqual(['iscsi.default.settings.commands = 256']);
    expect(reading.unknown).toEqual([{ line: 7, text: 'node.session.frobnicate = 1' }]);
    expect(JSON.stringify(reading)).not.toContain('verysecretword');
    expect(told(records!.read('## comment\nInitiatorName=iqn.1994-05.com.redhat:2ffa3543d275\n', context))).toEqual([
      'iscsi.default.initiator = iqn.1994-05.com.redhat:2ffa3543d275',
    ]);
  });

  it('that are none are errors', () => {
    expect(records!.read('# nothing\n', context).errors).toHaveLength(1);
    expect(commands!.read('hello\n', context)).toMatchObject({ errors: [{ line: 1 }], unknown: [{ line: 1 }] });
    for (const output of iscsiadm.outputs) expect(output.recognise('interface ethernet 1/1\n')).toBe(0);
  });
});

/** The steps of the Demartek RoCE Deployment Guide at its initiator, with what they printed. */
const GUIDE = `# iscsiadm -m discovery --op=new --op=delete --type sendtargets --portal 10.0.8.253 -I iser
10.0.8.252:3260,1 iqn.2003-01.org.linux-iscsi.dmrtek-srvr-d.x8664:sn.cdf664e56d8c
#iscsiadm -m node -l
Logging in to [iface: iser, target: iqn.2003-01.org.linux-iscsi.dmrtek-srvr-d.x8664:sn.cdf664e56d8c, portal: 10.0.8.252,3260]
#lsblk
`;

describe('commands', () => {
  it('of the Demartek guide are read: a server that is asked over iSER', () => {
    const reading = commands!.read(GUIDE, context);
    expect(told(reading)).toEqual(['iscsi.iser.discovery."10.0.8.253:3260".present = true', 'iscsi.iser.transport = iser']);
    // Printed between them, and kept: which target it named.
    expect(reading.unknown.map(({ line }) => line)).toEqual([2]);
  });

  it('are rendered to the same effect', () => {
    const fabric = parseFabric(
      'version: 1\nname: x\nhosts: { lin1: { iscsi: { iser: { initiator: "iqn.1994-05.com.redhat:2ffa3543d275", transport: iser, discovery: [10.0.8.252] } } } }\n',
      'fabric.yaml',
    );
    const { commands: lines, files, unsaid } = iscsiadm.emit(declaredNode(fabric, 'lin1')!);
    expect(lines.map(({ text }) => text)).toEqual([
      'echo InitiatorName=iqn.1994-05.com.redhat:2ffa3543d275 > /etc/iscsi/initiatorname.iscsi',
      'systemctl restart iscsid',
      'iscsiadm -m discovery -t sendtargets -p 10.0.8.252:3260 -I iser',
      'iscsiadm -m node -I iser --op=update -n node.startup -v automatic',
      'iscsiadm -m node -I iser --login',
    ]);
    expect([files, unsaid]).toEqual([
      [{ path: '/etc/iscsi/initiatorname.iscsi', text: 'InitiatorName=iqn.1994-05.com.redhat:2ffa3543d275\n' }],
      [],
    ]);
  });

  it('keep secrets to themselves, and say whose they are', () => {
    const typed = `iscsiadm -m node -T iqn.2026-01.net.example:a -I iscsi0 --op=update -n node.session.auth.password -v 'very secret word'
iscsiadm -m node -T iqn.2026-01.net.example:b -I iscsi0 --op=update -n node.session.auth.password -v '<secret of DISK_SECRET>'
iscsiadm -m node --frob -n node.session.auth.password -v 'very secret word'
`;
    const reading = commands!.read(typed, context);
    expect(JSON.stringify(reading)).not.toContain('very');
    expect(told(reading)).toContain('iscsi.iscsi0.targets."iqn.2026-01.net.example:b".chap.secret = env:DISK_SECRET');
    expect(reading.unknown).toEqual([expect.objectContaining({ line: 3, why: 'iscsiadm has no such option.' })]);
  });

  it('refuse what open-iscsi can not have', () => {
    const fabric = parseFabric(
      `version: 1
name: x
hosts:
  lin1:
    iscsi:
      a: { initiator: "iqn.2026-01.net.example:a", discovery: [{ server: 192.0.2.1, transport: iser }], settings: { connections: 4, commands: 100, errorRecoveryLevel: 2, commandTimeout: 5s } }
      b: { initiator: "iqn.2026-01.net.example:b", alias: second, kind: independent }
`,
      'fabric.yaml',
    );
    expect(iscsiadm.emit(declaredNode(fabric, 'lin1')!).unsaid.map(({ setting }) => keyText(setting.key))).toEqual([
      'iscsi.a.settings.connections',
      'iscsi.a.settings.errorRecoveryLevel',
      'iscsi.a.settings.commands',
      'iscsi.a.settings.commandTimeoutNanos',
      'iscsi.a.discovery."192.0.2.1:3260".transport',
      'iscsi.b.initiator',
      'iscsi.b.alias',
      'iscsi.b.kind',
    ]);
  });
});

const emitted = (listen: string) =>
  iscsiadm.emit(
    declaredNode(
      parseFabric(
        `version: 1
name: x
hosts: { lin1: { iscsi: { a: { initiator: "iqn.2026-01.net.example:a", discovery: [array1] } } } }
arrays: { array1: { portals: ["${listen}"], targets: {} } }
`,
        'fabric.yaml',
      ),
      'lin1',
    )!,
  );

describe('an array of the fabric', () => {
  it('is asked at its address', () => {
    expect(emitted('192.0.2.7:3261').commands.map(({ text }) => text)).toContain(
      'iscsiadm -m discovery -t sendtargets -p 192.0.2.7:3261 -I a',
    );
  });

  it('is refused where nobody knows its address yet', () => {
    for (const listen of ['0.0.0.0:3260', '127.0.0.1:0']) {
      const { commands: lines, unsaid } = emitted(listen);
      expect(lines.some(({ text }) => text.includes('discovery'))).toBe(false);
      expect(unsaid.map(({ setting, why }) => `${keyText(setting.key)}: ${why}`)).toEqual([
        'iscsi.a.discovery.array1.present: Its address is not said in the fabric file.',
      ]);
    }
  });
});

describe('lists', () => {
  it('of targets and servers, as iscsiadm 2.1.8 prints them', () => {
    const reading = lists!.read(
      '10.0.8.252:3260,4294967295 iqn.2003-01.org.linux-iscsi.example:sn.1\n[2001:db8::1]:3260,1 iqn.x:a\n',
      context,
    );
    expect(told(reading, true).filter((line) => line.includes('address'))).toEqual([
      'iscsi.default.targets."iqn.2003-01.org.linux-iscsi.example:sn.1".address = 10.0.8.252:3260',
      'iscsi.default.targets."iqn.x:a".address = [2001:db8::1]:3260',
    ]);
    expect(told(lists!.read('10.0.8.253:3260 via sendtargets\n', context))).toEqual([
      'iscsi.default.discovery."10.0.8.253:3260".present = true',
    ]);
    expect(lists!.recognise('10.0.8.253:3260 via sendtargets\n')).toBeGreaterThan(0.5);
  });

  it('of sessions, as the README of open-iscsi 2.1.8 shows them, and with the lines that the program prints besides', () => {
    const text = `Target: iqn.1992-08.com.netapp:sn.33615311
\tCurrent Portal: 10.15.85.19:3260,3
\tPersistent Portal: 10.15.85.19:3260,3
\t\tIface Transport: tcp
\t\tIface IPaddress: 10.11.14.37
\t\tIface HWaddress: default
\t\tIface Netdev: default
\t\tSID: 7
\t\tiSCSI Connection State: LOGGED IN
\t\tInternal iscsid Session State: NO CHANGE
`;
    expect(told(sessions!.read(text, context), true)).toContain(
      'iscsi.default.targets."iqn.1992-08.com.netapp:sn.33615311".present = true',
    );
    const named = text.replace(
      '\t\tIface T',
      '\t\tIface Name: iface0\n\t\tIface Initiatorname: iqn.1994-05.com.redhat:5e29b9d5f2\n\t\tIface T',
    );
    const reading = sessions!.read(named, context);
    expect(sessions!.recognise(text)).toBeGreaterThan(0.9);
    expect(reading.unknown).toEqual([]);
    expect(told(reading, true)).toEqual(
      expect.arrayContaining([
        'iscsi.iface0.initiator = iqn.1994-05.com.redhat:5e29b9d5f2',
        'iscsi.iface0.targets."iqn.1992-08.com.netapp:sn.33615311".address = 10.15.85.19:3260',
      ]),
    );
  });
});
