/**
 * A fabric with a network of its own, and Linux plugged in: by a TAP, by the kernel's VXLAN device, and over a published socket. What the kernel and
 * libiscsi see is an array behind our switch and our TCP.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithNamespaces, makeNamespace, type Namespace } from './namespaces.ts';
import { describeWithPeers } from './peers.ts';
import { type PeerRun, runPeer } from './run-peer.ts';
import { makeScratch } from './scratch.ts';
import { startTarget, type TargetProcess } from './target-process.ts';

const TARGET = 'iqn.2026-01.net.example:wire';
const IMAGE_BYTES = 32 * 1024 * 1024;

const FABRIC = `version: 1
name: wire
switches:
  tor1:
    ports:
      1-2: { vlan: 10 }
      3: { vlan: 10, attach: { tap: sw0 } }
      4: { vlan: 10, attach: { tunnel: { remote: 198.51.100.2, network: 42, local: 198.51.100.1 } } }
  tor2:
    ports: { 1-2: { vlan: 10 } }
hosts:
  gate:
    nics: { nic0: { addresses: [192.0.2.11/24] } }
    publish: 127.0.0.1:0 -> array1:3260
arrays:
  array1:
    nics: { eth0: { addresses: [192.0.2.20/24, "2001:db8::20/64"] } }
    portals: ["192.0.2.20:3260", "[2001:db8::20]:3260"]
    targets:
      ${TARGET}:
        luns: [{ store: memory, size: 64MiB, provisioning: thin }, { store: memory, size: 64MiB, provisioning: thin }]
    state: state
links:
  - [gate:nic0, tor1:1]
  - [array1:eth0, tor2:1]
  # Everything crosses a cable of 20 km between the switches.
  - { ends: [tor1:2, tor2:2], length: 20km }
`;

/** A program in a namespace, beside the fabric. */
const inside = (where: Namespace, command: string): Promise<PeerRun> =>
  runPeer('ip', ['netns', 'exec', where.name, 'sh', '-ec', command], { timeoutMs: 60_000 });
const succeeds = async (where: Namespace, command: string): Promise<string> => {
  const run = await inside(where, command);
  expect(run, `${command}\n${run.stdout}${run.stderr}`).toMatchObject({ code: 0, timedOut: false });
  return run.stdout;
};

const url = (portal: string, lun: number): string => `iscsi://${portal}/${TARGET}/${lun}`;

describeWithNamespaces('a fabric with a network, and Linux plugged in', () => {
  describeWithPeers(['ethtool'], 'by TAP, VXLAN and a socket', () => {
    const scratch = makeScratch();
    let near: Namespace;
    let far: Namespace;
    let target: TargetProcess;

    const hintsOf = (port: string): readonly string[] => target.ready.network!.attached.find((one) => one.port === port)!.hints;

    beforeAll(async () => {
      near = makeNamespace();
      far = makeNamespace();
      near.run(`ip link add underlay type veth peer name underlay netns ${far.name}`);
      near.run('ip address add 198.51.100.1/24 dev underlay; ip link set underlay up');
      far.run('ip address add 198.51.100.2/24 dev underlay; ip link set underlay up');
      // Between two namespaces the kernel leaves checksums to a card that is not there; what a socket then reads of a tunnel has none.
      far.run('ethtool -K underlay tx off');
      target = await startTarget(['up', scratch.write('wire.yaml', FABRIC)], { under: ['ip', 'netns', 'exec', near.name] });
      // What the fabric says is to be typed, is typed.
      for (const hint of hintsOf('tor1:3')) near.run(hint.replace('<address>/<bits>', '192.0.2.101/24'));
      for (const hint of hintsOf('tor1:4')) far.run(hint.replace('<address>/<bits>', '192.0.2.102/24'));
      near.run('ip address add 2001:db8::101/64 dev sw0 nodad');
    });
    afterAll(async () => {
      const exit = await target?.stop();
      near?.remove();
      far?.remove();
      scratch.remove();
      expect(exit?.code).toBe(0);
    });

    it('answers the kernel behind the TAP in both families, in pieces too, from the far end of the cable', async () => {
      const out = await succeeds(
        near,
        'ping -c 3 -i 0.2 -W 5 192.0.2.20; ping -c 3 -i 0.2 -W 5 -s 8000 192.0.2.20; ping -c 3 -i 0.2 -W 5 2001:db8::20',
      );
      expect(out.match(/3 packets transmitted, 3 received/g)).toHaveLength(3);
      // 20 km there and back are 0.2 ms.
      for (const [, average] of out.matchAll(/min\/avg\/max\/mdev = [\d.]+\/([\d.]+)/g)) expect(Number(average)).toBeGreaterThan(0.14);
    });

    it("answers the kernel's VXLAN device, and lets it reach the kernel at the TAP", async () => {
      const out = await succeeds(far, 'ping -c 3 -i 0.2 -W 5 192.0.2.20; ping -c 3 -i 0.2 -W 5 192.0.2.101');
      expect(out.match(/3 packets transmitted, 3 received/g)).toHaveLength(2);
    });

    describeWithPeers(['qemuImg', 'qemuIscsi', 'iscsiTestCu'], 'and an initiator', () => {
      it('writes through the published socket what another reads over the TAP, and over VXLAN', async () => {
        const image = scratch.path('image');
        writeFileSync(image, randomBytes(IMAGE_BYTES));
        const [published] = target.ready.network!.published;
        expect(published).toMatchObject({ host: 'gate', to: '192.0.2.20:3260' });
        await succeeds(near, `qemu-img convert -n -f raw -O raw ${image} ${url(published!.listen, 0)}`);
        for (const [where, portal] of [
          [near, '192.0.2.20:3260'],
          [near, '[2001:db8::20]:3260'],
          [far, '192.0.2.20:3260'],
        ] as const) {
          const copy = scratch.path('copy');
          await succeeds(where, `qemu-img convert -f raw -O raw ${url(portal, 0)} ${copy}`);
          expect(readFileSync(copy).subarray(0, IMAGE_BYTES).equals(readFileSync(image))).toBe(true);
        }
      });

      it('passes parts of its own test suite across the fabric', async () => {
        const tests = ['SCSI.Read16', 'SCSI.Write16', 'iSCSI.iSCSIcmdsn'];
        for (const test of tests) {
          const out = await succeeds(near, `timeout 60 iscsi-test-cu --dataloss -t ${test} ${url('192.0.2.20:3260', 1)}`);
          expect(out, out).toMatch(/tests\s+\d+\s+[1-9]\d*\s+[1-9]\d*\s+0\s/);
        }
      });
    });
  });
});
