/** libiscsi's small tools: discovery with iscsi-ls, INQUIRY and its pages with iscsi-inq. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from './peers.ts';
import { type PeerRun, runPeer } from './run-peer.ts';
import { makeScratch } from './scratch.ts';
import { iscsiUrl, logicalUnits, type Reachable, startTarget, type TargetProcess } from './target-process.ts';

const FABRIC = `version: 1
name: tools
arrays:
  array1:
    portals: ["127.0.0.1:0", "127.0.0.1:0"]
    targets:
      iqn.2026-01.net.samewire:first:
        luns:
          - { store: memory, size: 64MiB, serial: first-serial, vendor: ACME, product: TEST-DISK }
          - { store: memory, size: 32MiB, blockSize: 4096, provisioning: thin }
      iqn.2026-01.net.samewire:second:
        luns: [{ store: memory, size: 16MiB }]
    state: state
`;

/** iscsi-ls -s can retry for ever: every call has a limit. */
const tool = (name: string, ...args: string[]): Promise<PeerRun> => runPeer(name, args, { timeoutMs: 15_000 });

const inquire = (unit: Reachable, ...args: string[]): Promise<PeerRun> =>
  tool('iscsi-inq', ...args, iscsiUrl(unit.portals[0]!, unit.target, unit.lun.lun));

describeWithPeers(['iscsiLs', 'iscsiInq'], "libiscsi's tools", () => {
  const scratch = makeScratch();
  let target: TargetProcess;
  let units: readonly Reachable[];

  beforeAll(async () => {
    target = await startTarget(['up', scratch.write('tools.yaml', FABRIC)]);
    units = logicalUnits(target.ready);
  });
  afterAll(async () => {
    await target?.stop();
    scratch.remove();
  });

  it('finds every target through either portal, at both portals', async () => {
    const portals = units[0]!.portals;
    expect(portals.length).toBe(2);
    for (const portal of portals) {
      const run = await tool('iscsi-ls', `iscsi://${portal}`);
      expect(run, run.stderr).toMatchObject({ code: 0, timedOut: false });
      for (const name of ['iqn.2026-01.net.samewire:first', 'iqn.2026-01.net.samewire:second']) {
        const lines = run.stdout.split('\n').filter((line) => line.startsWith(`Target:${name} `));
        expect(lines.map((line) => /Portal:(\S+),1$/.exec(line)?.[1]).sort()).toEqual([...portals].sort());
      }
    }
  });

  it('lists the logical units with their sizes', async () => {
    const run = await tool('iscsi-ls', '-s', `iscsi://${units[0]!.portals[0]!}`);
    expect(run, run.stderr).toMatchObject({ code: 0, timedOut: false });
    expect(run.stdout).toMatch(/Lun:0\s+Type:DIRECT_ACCESS \(Size:6[34]M\)/);
    expect(run.stdout).toMatch(/Lun:1\s+Type:DIRECT_ACCESS \(Size:3[12]M\)/);
  });

  it('reads the standard INQUIRY data as declared', async () => {
    const run = await inquire(units[0]!);
    expect(run, run.stderr).toMatchObject({ code: 0, timedOut: false });
    expect(run.stdout).toMatch(/Vendor:ACME\b/);
    expect(run.stdout).toMatch(/Product:TEST-DISK\b/);
  });

  it('reads the unit serial number', async () => {
    const run = await inquire(units[0]!, '-e', '1', '-c', '128');
    expect(run, run.stderr).toMatchObject({ code: 0, timedOut: false });
    expect(run.stdout).toMatch(/Unit Serial Number:\[?first-serial/);
  });

  it('reads every page that the list of supported pages names', async () => {
    for (const unit of units) {
      const list = await inquire(unit, '-e', '1', '-c', '0');
      expect(list, list.stderr).toMatchObject({ code: 0, timedOut: false });
      const pages = [...list.stdout.matchAll(/Page:0x([0-9a-f]+)/gi)].map((match) => Number.parseInt(match[1]!, 16));
      // Logical block provisioning is a page of those that have it: the thin one here (SBC-4 §6.6.7).
      const provisioning = unit.lun.blockSize === 4096 ? [0xb2] : [];
      expect(pages).toEqual(expect.arrayContaining([0x00, 0x80, 0x83, 0x86, 0xb0, 0xb1, ...provisioning]));
      // What iscsi-inq 1.19 can show; it says that it can't of others.
      for (const page of pages.filter((code) => [0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2].includes(code))) {
        const run = await inquire(unit, '-e', '1', '-c', String(page));
        expect(run, `page ${page.toString(16)}: ${run.stderr}`).toMatchObject({ code: 0, timedOut: false });
      }
    }
  });

  it('is told that a target does not exist', async () => {
    const run = await tool('iscsi-inq', iscsiUrl(units[0]!.portals[0]!, 'iqn.2026-01.net.samewire:absent', 0));
    expect(run.code).not.toBe(0);
    expect(run.timedOut).toBe(false);
    expect(run.stdout + run.stderr).toMatch(/Target not found|not found|Failed to log|Login Failed/i);
  });
});
