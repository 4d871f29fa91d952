/**
 * `samewire iscsi` as its users run it, a process of its own, at tgtd and at our target; what libiscsi's tools and qemu-img find there is the second
 * opinion. A copy that is killed again and again ends identical.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { below, seededRng } from '../../src/base/rng.ts';
import { randomBytes } from './initiator-targets.ts';
import { describeWithPeers } from './peers.ts';
import { type PeerRun, runPeer } from './run-peer.ts';
import { makeScratch, writeImage } from './scratch.ts';
import { CLI, logicalUnits, startTarget, type TargetProcess } from './target-process.ts';
import { startTgtd, type TgtdProcess } from './tgtd-process.ts';

const MIB = 1024 * 1024;
const UNIT_BYTES = 24 * MIB;
const USER = 'alice';
const SECRET = 'a secret for the commands';

const scratch = makeScratch();
const environment = { XDG_STATE_HOME: scratch.path('state'), LIBISCSI_CHAP_PASSWORD: SECRET };
const samewire = (...words: readonly string[]): Promise<PeerRun> =>
  runPeer(process.execPath, [CLI, 'iscsi', ...words], { timeoutMs: 120_000, env: environment });
const good = async (...words: readonly string[]): Promise<string> => {
  const run = await samewire(...words);
  expect(run, `${words.join(' ')}\n${run.stdout}${run.stderr}`).toMatchObject({ code: 0, timedOut: false });
  return run.stdout;
};
const hash = (path: string, bytes: number): string => createHash('sha256').update(readFileSync(path).subarray(0, bytes)).digest('hex');
const filled = (path: string, bytes: number): void => {
  const file = openSync(path, 'w');
  ftruncateSync(file, bytes);
  closeSync(file);
};

const peer = (name: string, ...args: readonly string[]): Promise<PeerRun> =>
  runPeer(name, args, { timeoutMs: 30_000, env: { LIBISCSI_CHAP_USERNAME: USER, LIBISCSI_CHAP_PASSWORD: SECRET } });
/** As `inq` writes limits. */
const blocksText = (value: number, none = 'not reported'): string =>
  value === 0 ? none : value === 0xffff_ffff ? 'unlimited' : `${value.toLocaleString('en')} block${value === 1 ? '' : 's'}`;

interface Place {
  readonly title: string;
  /** Without the LUN. */
  readonly url: string;
  readonly portal: string;
  readonly name: string;
  readonly luns: readonly { readonly lun: number; readonly path: string; readonly blockBytes: number; readonly thin: boolean }[];
}

/** Two units, one thin with blocks of 4096 bytes, both full of something else than what is copied to them. */
async function ours(): Promise<{ place: Place; stop: () => Promise<unknown> }> {
  const paths = [scratch.path('ours-0.img'), scratch.path('ours-1.img')];
  for (const [index, path] of paths.entries()) writeFileSync(path, randomBytes(UNIT_BYTES, index + 1));
  const target: TargetProcess = await startTarget(
    [
      'up',
      scratch.write(
        'ours.yaml',
        `version: 1
name: commands
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      iqn.2026-01.net.samewire:ours:
        luns:
          - { store: file, path: ${paths[0]}, serial: ours-zero }
          - { store: file, path: ${paths[1]}, blockSize: 4096, provisioning: thin }
        access:
          - { initiator: any, chap: { user: ${USER}, secret: { env: IN } } }
    state: ${scratch.path('array-state')}
`,
      ),
    ],
    { env: { IN: SECRET } },
  );
  const unit = logicalUnits(target.ready)[0]!;
  const portal = unit.portals[0]!;
  const luns = paths.map((path, lun) => ({ lun, path, blockBytes: lun === 0 ? 512 : 4096, thin: lun === 1 }));
  return { place: { title: 'ours', url: `iscsi://${USER}@${portal}/${unit.target}`, portal, name: unit.target, luns }, stop: target.stop };
}

async function theirs(): Promise<{ place: Place; stop: () => Promise<unknown> }> {
  const paths = [scratch.path('theirs-0.img'), scratch.path('theirs-1.img')];
  for (const [index, path] of paths.entries()) writeFileSync(path, randomBytes(UNIT_BYTES, index + 3));
  const tgtd: TgtdProcess = await startTgtd({
    target: 'iqn.2026-01.net.samewire:theirs',
    luns: [{ path: paths[0]! }, { path: paths[1]!, blockSize: 4096, params: ['thin_provisioning=1'] }],
    parameters: { HeaderDigest: 'CRC32C,None', DataDigest: 'CRC32C,None' },
    account: [USER, SECRET],
  });
  const portal = tgtd.portals[0]!;
  const luns = paths.map((path, index) => ({ lun: tgtd.lunOf(index), path, blockBytes: index === 0 ? 512 : 4096, thin: index === 1 }));
  return { place: { title: 'tgtd', url: `iscsi://${USER}@${portal}/${tgtd.target}`, portal, name: tgtd.target, luns }, stop: tgtd.stop };
}

afterAll(() => scratch.remove());

describeWithPeers(['tgtd', 'iscsiLs', 'iscsiInq', 'qemuImg', 'qemuIscsi'], 'samewire iscsi', () => {
  const places = new Map<string, Place>();
  const stops: (() => Promise<unknown>)[] = [];
  const image = scratch.path('image.raw');
  // No whole number of blocks of 4096.
  const imageBytes = UNIT_BYTES - 3 * MIB - 512;

  beforeAll(async () => {
    mkdirSync(scratch.path('state'), { recursive: true });
    writeImage(image, imageBytes, 7);
    for (const start of [ours, theirs]) {
      const { place, stop } = await start();
      places.set(place.title, place);
      stops.push(stop);
    }
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
  });

  describe.each(['ours', 'tgtd'])('at %s', (title) => {
    const at = (): Place => places.get(title)!;
    const urlOf = (index: number): string => `${at().url}/${at().luns[index]!.lun}`;

    it('discovers what iscsi-ls does', async () => {
      const { targets } = JSON.parse(await good('discover', at().portal, '--json')) as {
        targets: { name: string; portals: { address: string; group: number }[] }[];
      };
      const run = await peer('iscsi-ls', `iscsi://${at().portal}`);
      const found = [...run.stdout.matchAll(/^Target:(\S+) Portal:(\S+),([0-9]+)$/gm)].map(([, name, address, group]) => [
        name,
        address,
        Number(group),
      ]);
      expect(found.length).toBeGreaterThan(0);
      expect(targets.flatMap(({ name, portals }) => portals.map(({ address, group }) => [name, address, group]))).toEqual(found);
    });

    it('lists the units that iscsi-ls -s lists', async () => {
      const listed = JSON.parse(await good('ls', at().url, '--json')) as {
        targets: { luns: { lun: number; bytes?: number; type: string }[] }[];
      };
      const run = await peer('iscsi-ls', '-s', `iscsi://${USER}@${at().portal}`);
      const found = [...run.stdout.matchAll(/^Lun:([0-9]+)\s+Type:(\S+)/gm)].map(([, lun, type]) => [
        Number(lun),
        type === 'DIRECT_ACCESS',
      ]);
      expect(found.length).toBeGreaterThan(1);
      expect(listed.targets[0]!.luns.map(({ lun, type }) => [lun, type === 'disk'])).toEqual(found);
      for (const { lun } of at().luns) expect(listed.targets[0]!.luns.find((one) => one.lun === lun)!.bytes).toBe(UNIT_BYTES);
    });

    it('reads the pages that iscsi-inq reads, and makes the same of them', async () => {
      for (const [index, { thin }] of at().luns.entries()) {
        const said = JSON.parse(await good('inq', urlOf(index), '--json')) as {
          inquiry: { vendor: string; product: string; revision: string };
          pages: { page: string; fields: Record<string, string> }[];
        };
        const fields = (page: string): Record<string, string> => said.pages.find((one) => one.page === page)!.fields;
        const standard = (await peer('iscsi-inq', urlOf(index))).stdout;
        const text = (label: string): string | undefined => new RegExp(`^${label}:(.*?)\\s*$`, 'm').exec(standard)?.[1];
        expect([said.inquiry.vendor, said.inquiry.product, said.inquiry.revision]).toEqual([
          text('Vendor'),
          text('Product'),
          text('Revision'),
        ]);
        const page = async (code: number): Promise<string> => (await peer('iscsi-inq', '-e', '1', '-c', String(code), urlOf(index))).stdout;
        expect(/\[\s*(\S+)\s*\]/.exec(await page(0x80))![1]).toBe(fields('80h')['serial number']);
        const known = [...(await page(0x00)).matchAll(/Page:0x([0-9a-f]+)/gi)].map(
          (match) => `${match[1]!.padStart(2, '0').toUpperCase()}h`,
        );
        expect(Object.keys(fields('00h'))).toEqual(known);
        const limits = await page(0xb0);
        const figure = (label: string): number => Number(new RegExp(`^${label}:([0-9]+)`, 'm').exec(limits)![1]);
        expect(fields('B0h')).toMatchObject({
          'longest transfer': blocksText(figure('maximum transfer length')),
          'optimal transfer': blocksText(figure('optimal transfer length')),
          'longest COMPARE AND WRITE': blocksText(figure('maximum compare and write length'), 'not supported'),
          'most blocks of one UNMAP': blocksText(figure('maximum unmap lba count'), 'not supported'),
          'optimal UNMAP granularity': blocksText(figure('optimal unmap granularity')),
          'longest WRITE SAME': blocksText(figure('maximum write same length')),
        });
        if (!thin) continue;
        const provisioning = await page(0xb2);
        for (const [flag, name] of [
          ['lbpu', 'UNMAP'],
          ['lbpws', 'WRITE SAME(16)'],
          ['lbpws10', 'WRITE SAME(10)'],
        ] as const)
          expect(fields('B2h')['blocks are given back by']!.includes(name)).toBe(new RegExp(`^${flag}:1`, 'm').test(provisioning));
      }
    });

    it('answers pings', async () => {
      const lines = (await good('ping', at().url, '-c', '20', '-i', '0', '-s', '4000', '--json')).trim().split('\n');
      expect(JSON.parse(lines.at(-1)!)).toMatchObject({ event: 'statistics', sent: 20, answered: 20, damaged: 0 });
    });

    it('does what bench asks for, reads and writes', async () => {
      const words = ['bench', urlOf(0), '--count', '2000', '--read', '50', '--destroy-data', '--json', '--region', '1MiB', '--seed', '1'];
      const report = JSON.parse(await good(...words)) as Record<
        'read' | 'write',
        { commands: number; latencyMicroseconds: Record<string, number> }
      >;
      expect(report.read.commands + report.write.commands).toBe(2000);
      for (const { latencyMicroseconds: latency } of [report.read, report.write]) {
        const order = ['min', 'p50', 'p90', 'p99', 'p99.9', 'max'].map((key) => latency[key]!);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }
    });

    it.each([
      ['onto blocks of 512', 0, []],
      ['onto thin blocks of 4096, with digests', 1, ['--header-digest', 'crc32c', '--data-digest', 'crc32c']],
      ['zeros as data', 1, ['--sparse', 'never']],
      ['in small pieces', 0, ['--block-size', '12KiB', '--depth', '7']],
    ] as const)('copies an image %s, and qemu-img finds it there; and back', async (_, index, options) => {
      await good('cp', image, urlOf(index), '--verify', ...options);
      const { path } = at().luns[index]!;
      expect(hash(path, imageBytes)).toBe(hash(image, imageBytes));
      const unit = ['driver=raw', 'file.driver=iscsi', 'file.transport=tcp', `file.portal=${at().portal}`, `file.target=${at().name}`];
      unit.push(
        `file.lun=${at().luns[index]!.lun}`,
        `file.user=${USER}`,
        'file.password-secret=chap',
        'file.initiator-name=iqn.2026-01.net.samewire:qemu',
      );
      // Not strictly: the unit is larger, and behind the image is what was there before.
      const copied = scratch.path('qemu.raw');
      const args = ['convert', '--object', `secret,id=chap,data=${SECRET}`, '--image-opts', unit.join(','), '-O', 'raw', copied];
      expect(await runPeer('qemu-img', args, { timeoutMs: 60_000 })).toMatchObject({ code: 0 });
      expect(hash(copied, imageBytes)).toBe(hash(image, imageBytes));
      const back = scratch.path('back.raw');
      await good('cp', urlOf(index), back, '--force', ...options);
      expect(hash(back, UNIT_BYTES)).toBe(hash(copied, UNIT_BYTES));
    });
  });

  it('copies from one target to another, and back', async () => {
    const [first, second] = [places.get('ours')!, places.get('tgtd')!];
    for (const index of [0, 1]) {
      const [one, other] = [first.luns[index]!, second.luns[index]!];
      await good('cp', image, `${first.url}/${one.lun}`);
      await good('cp', `${first.url}/${one.lun}`, `${second.url}/${other.lun}`, '--verify');
      expect(hash(other.path, UNIT_BYTES)).toBe(hash(one.path, UNIT_BYTES));
      writeImage(scratch.path('other.raw'), UNIT_BYTES, 9 + index);
      await good('cp', scratch.path('other.raw'), `${second.url}/${other.lun}`);
      await good('cp', `${second.url}/${other.lun}`, `${first.url}/${one.lun}`, '--verify');
      expect(hash(one.path, UNIT_BYTES)).toBe(hash(scratch.path('other.raw'), UNIT_BYTES));
    }
  });

  it('is refused without the secret, and says what to do', async () => {
    const run = await runPeer(process.execPath, [CLI, 'iscsi', 'ls', places.get('tgtd')!.url.replace(`${USER}@`, '')], {
      timeoutMs: 30_000,
    });
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/CHAP user/);
  });
});

/** A copy in a process of its own; the record it keeps tells how far it is. */
function startCopy(from: string, to: string, state: string): { readonly ended: Promise<number | string>; kill(): void } {
  const words = ['iscsi', 'cp', from, to, '--depth', '4', '--block-size', '32KiB', '--checkpoint', '0.02'];
  const child = spawn(process.execPath, [CLI, ...words], { stdio: 'ignore', env: { ...process.env, XDG_STATE_HOME: state } });
  return {
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal!))),
    kill: () => child.kill('SIGKILL'),
  };
}

function recordedBytes(state: string): number {
  const folder = `${state}/samewire/copies`;
  try {
    const name = readdirSync(folder).find((one) => one.endsWith('.json'));
    return name === undefined ? -1 : (JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as { positionBytes: number }).positionBytes;
  } catch {
    return -1; // None yet, or none any more.
  }
}

describe('a copy that is killed', () => {
  const bytes = 64 * MIB;
  const [image, disk] = [scratch.path('killed.raw'), scratch.path('killed-disk.raw')];
  let target: TargetProcess;
  let url: string;

  beforeAll(async () => {
    expect(existsSync(CLI), 'npm run build').toBe(true);
    filled(disk, bytes);
    target = await startTarget(['serve', disk, '--thin', '--portal', '127.0.0.1:0']);
    const unit = logicalUnits(target.ready)[0]!;
    url = `iscsi://${unit.portals[0]!}/${unit.target}/0`;
  });
  afterAll(() => target?.stop());

  /** Kills it as often as `kills` says, each time a good way behind where it was killed before. How often it went on. */
  async function copyKilled(from: string, to: string, state: string, seed: number, kills: number): Promise<number> {
    const rng = seededRng(seed);
    let wentOn = 0;
    for (let round = 0; ; round += 1) {
      const begin = Math.max(0, recordedBytes(state));
      if (begin > 0) wentOn += 1;
      const running = startCopy(from, to, state);
      const due = round < kills ? begin + below(rng, bytes / (kills + 1)) : Number.POSITIVE_INFINITY;
      const ended = running.ended.then((how) => ({ how }));
      for (;;) {
        const over = await Promise.race([ended, sleep(4)]);
        if (over !== undefined) {
          if (over.how === 0) return wentOn;
          expect(over.how, `seed ${seed}`).toBe('SIGKILL');
          break;
        }
        if (recordedBytes(state) > due) running.kill();
      }
    }
  }

  it.each([1, 2, 3])(
    'ends identical when it is run again, from file to unit and from unit to file, seed %i',
    async (seed) => {
      const why = `npx vitest run test/interop/iscsi-commands.test.ts -t "seed ${seed}"`;
      writeImage(image, bytes, 100 + seed);
      // The unit still holds what the copy before put there.
      const wentOn = await copyKilled(image, url, scratch.path(`state-${seed}`), seed, 4);
      expect(hash(disk, bytes), why).toBe(hash(image, bytes));
      const back = scratch.path(`back-${seed}.raw`);
      const wentOnBack = await copyKilled(url, back, scratch.path(`state-back-${seed}`), seed + 10, 4);
      expect(hash(back, bytes), why).toBe(hash(image, bytes));
      expect(wentOn + wentOnBack, why).toBeGreaterThan(3);
      expect(recordedBytes(scratch.path(`state-${seed}`))).toBe(-1);
    },
    120_000,
  );
});
