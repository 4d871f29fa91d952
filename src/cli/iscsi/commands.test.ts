/** The commands of `samewire iscsi` at targets in this process: what they print, for people and for programs, and how they end. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectIscsi } from '../../os/iscsi/index.ts';
import { serve, type ServedTarget, type ServeOptions } from '../../os/serve.ts';
import { buildProgram } from '../program.ts';
import { type TestContext, testContext, type TestOptions } from '../testing/test-context.ts';

const MIB = 1024 * 1024;
const cleanUps: (() => Promise<unknown> | void)[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samewire-commands-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function served(options: Partial<ServeOptions> = {}): Promise<ServedTarget> {
  const target = await serve({
    luns: [
      { memory: 4 * MIB, thin: true, serial: 'serial-0' },
      { memory: 2 * MIB, blockSize: 4096 },
    ],
    ...options,
  });
  cleanUps.push(() => target.stop());
  return target;
}

interface Ended {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
  readonly context: TestContext;
}

/** `during` is given the context while the command runs. */
async function run(words: readonly string[], options: TestOptions = {}, during?: (context: TestContext) => void): Promise<Ended> {
  const environment = { XDG_STATE_HOME: join(folder, 'state'), ...options.environment };
  const context = testContext({ ...options, environment });
  let code: number | undefined;
  const program = buildProgram(context, '1.2.3', (given) => {
    code = given;
  });
  for (const command of program.commands) for (const one of [program, command, ...command.commands]) one.exitOverride();
  let thrown = '';
  try {
    const running = program.parseAsync(['iscsi', ...words], { from: 'user' });
    during?.(context);
    await running;
  } catch (error) {
    thrown = (error as Error).message;
  }
  return { code, out: context.written(), err: context.complaints() + thrown, context };
}

const json = (text: string): unknown => JSON.parse(text) as unknown;
const lines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const SECRET = 'a secret for the tests';
const closed = 'iscsi://127.0.0.1:1/iqn.2026-01.net.example:d/0';

describe('iscsi', () => {
  it('helps', async () => {
    const { out } = await run(['--help']);
    for (const command of ['discover', 'ls', 'inq', 'ping', 'cp', 'bench']) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
    const help = await run(['cp', '--help']);
    expect(help.out).toContain('Connection:');
    expect(help.out).toContain('samewire iscsi cp a.img iscsi://');
    // A terminal of 80 columns shows every example in one line.
    for (const command of ['discover', 'ls', 'inq', 'ping', 'cp', 'bench'])
      for (const line of (await run([command, '--help'])).out.split('Examples:')[1]!.split('\n'))
        expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each([
    [['inq', 'iscsi://h/iqn.2026-01.net.example:d'], 'names no LUN: put /0 behind it'],
    [['inq', '192.0.2.1'], '`samewire iscsi ls 192.0.2.1:3260` lists them'],
    [['ls', 'http://192.0.2.1'], 'neither an iSCSI URL nor a portal'],
    [['ls', 'iscsi://h/no-name/0'], 'its target is no iSCSI name'],
    [['inq', closed, '--page', 'zz'], 'is no page: write its code in hexadecimal'],
    [['discover', '127.0.0.1:1'], 'Is the target running, and are host and port right?'],
    [['ls', closed.slice(0, -2), '--chap-secret-env', 'A', '--chap-secret-file', 'b'], 'not in both'],
    [['ls', closed, '--target-user', 'disk'], '--target-secret-env or --target-secret-file'],
    [['inq', closed, '--chap-user', 'me', '--chap-secret-env', 'NOWHERE'], 'NOWHERE, which holds a CHAP secret, is not set'],
    [['cp', 'a', 'b'], 'for files there is cp'],
    [['cp', 'a', 'iscsi://h/iqn.2026-01.net.example:d'], 'names no LUN'],
    [['cp', 'not-there.img', closed], 'there is no such file'],
    [['cp', 'a', closed, '--block-size', '64k'], 'Write `64KiB`'],
    [['cp', 'a', closed, '--depth', '0'], 'a whole number from 1 to 256'],
    [['bench', closed, '--write'], '--destroy-data'],
    [['bench', closed, '--read', '99'], '--destroy-data'],
    [['bench', closed, '--read', '10', '--write'], 'give one of the two'],
    [['ping', closed, '--interval=-1'], 'zero or above'],
  ])('%j says what is wrong', async (words, message) => {
    const { code, err } = await run(words);
    expect(err).toContain(message);
    expect(code).toBeUndefined();
  });
});

describe('discover and ls', () => {
  it('name targets, portals, and what their units are', async () => {
    const target = await served();
    const found = await run(['discover', target.portal]);
    expect(found).toMatchObject({ code: 0, out: `${target.target}\n  ${target.portal}  group 1\n1 target.\n` });
    expect(json((await run(['discover', `iscsi://${target.portal}`, '--json'])).out)).toMatchObject({
      targets: [{ name: target.target, portals: [{ address: target.portal, group: 1 }] }],
    });
    const { out, code } = await run(['ls', target.portal]);
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 3)).toEqual([
      target.target,
      '  LUN   size  block  type       vendor    product       serial',
      '    0  4 MiB    512  thin disk  SAMEWIRE  VIRTUAL-DISK  serial-0',
    ]);
    const listed = json((await run(['ls', target.url(1), '--json'])).out) as { targets: { luns: unknown[] }[] };
    expect(listed.targets[0]!.luns).toEqual([
      expect.objectContaining({ lun: 1, bytes: 2 * MIB, blocks: 512, blockSize: 4096, thin: false, type: 'disk', product: 'VIRTUAL-DISK' }),
    ]);
  });

  it('take credentials from options, files and the environment', async () => {
    const target = await served({ chap: { user: 'alice', secret: SECRET, mutual: { user: 'disk', secret: 'the secret of the target' } } });
    const [secret, other] = [join(folder, 'secret'), join(folder, 'other')];
    writeFileSync(secret, `${SECRET}\n`, { mode: 0o600 });
    writeFileSync(other, 'the secret of the target\n', { mode: 0o600 });
    const place = `iscsi://alice@${target.portal}/${target.target}`;
    for (const [words, environment] of [
      [[place], { LIBISCSI_CHAP_PASSWORD: SECRET }],
      [[place, '--chap-secret-env', 'MINE'], { MINE: SECRET }],
      [[place.replace('alice@', ''), '--chap-user', 'alice', '--chap-secret-file', secret], {}],
      [[place, '--chap-secret-file', secret, '--target-user', 'disk', '--target-secret-file', other], {}],
    ] as const)
      expect((await run(['ls', ...words], { environment })).out, words.join(' ')).toContain('VIRTUAL-DISK');
    // A target that refuses is shown with its refusal.
    const refused = await run(['ls', place], { environment: { LIBISCSI_CHAP_PASSWORD: 'another secret, wrong' } });
    expect(refused.code).toBe(1);
    expect(refused.out).toContain('Is the CHAP user right');
    const wrong = await run(['ls', place, '--chap-secret-file', secret, '--target-user', 'disk', '--target-secret-file', secret]);
    expect(wrong.out).toContain('each direction needs its own');
    expect(refused.out + refused.err).not.toContain('wrong secret');
    const unknown = await run(['ls', `iscsi://alice@${target.portal}/iqn.2026-01.net.example:none`], {
      environment: { LIBISCSI_CHAP_PASSWORD: SECRET },
    });
    expect(unknown.out).toContain('`samewire iscsi discover` lists those there are');
  });
});

describe('inq', () => {
  it('shows everything in words', async () => {
    const target = await served();
    const { out, code } = await run(['inq', target.url(0)]);
    expect(code).toBe(0);
    for (const part of [
      /^Standard INQUIRY\n {2}type +disk$/m,
      /^ {2}size +4 MiB \(4,194,304 bytes\)$/m,
      /^Unit Serial Number \(80h\)\n {2}serial number {2}serial-0$/m,
      /^ {2}SCSI name \(target device\) +iqn\.2026-01\.net\.samewire:serve$/m,
      /^ {2}unmapped blocks read as +zeros$/m,
      /^ {2}group 1 {2}active-optimized, port 1$/m,
      /^ {2}write cache \(WCE\) +off$/m,
    ])
      expect(out).toMatch(part);
  });

  it('shows one page, its bytes, and all of it to programs', async () => {
    const target = await served();
    for (const page of ['80', '0x80', '80h']) {
      const { out } = await run(['inq', target.url(0), '--page', page]);
      expect(out).toBe('Unit Serial Number (80h)\n  serial number  serial-0\n');
    }
    const { out } = await run(['inq', target.url(0), '--page', '80', '--raw']);
    expect(out).toBe('Unit Serial Number (80h)\n  0000  00 80 00 08 73 65 72 69  61 6c 2d 30              ....serial-0\n');
    const all = json((await run(['inq', target.url(0), '--json'])).out) as { pages: { page: string; bytes: string }[] };
    expect(all.pages.map(({ page }) => page)).toEqual(['00h', '80h', '83h', '86h', '8Fh', 'B0h', 'B1h', 'B2h']);
    expect(all.pages[1]!.bytes).toBe('0080000873657269616c2d30');
    expect(all).toMatchObject({ lun: 0, capacity: { blocks: 8192, thin: true }, writeProtected: false, portGroups: [{ group: 1 }] });
  });

  it('says that there is no such page, and no such LUN', async () => {
    const target = await served();
    expect((await run(['inq', target.url(1), '--page', 'b2'])).err).toContain('INQUIRY ended with CHECK CONDITION: ILLEGAL REQUEST');
    expect((await run(['inq', target.url(7)])).err).toContain('There is no LUN 7 at this target');
  });
});

describe('ping', () => {
  it('counts, and tells times', async () => {
    const target = await served();
    const { out, code } = await run(['ping', target.portal, '-c', '3', '-i', '0', '-s', '1000']);
    expect(code).toBe(0);
    expect(out).toContain(`PING ${target.target} at ${target.portal} with 1000 bytes of data\n`);
    expect(out.match(/^1000 bytes: seq=[123] time=[0-9.]+ ms$/gm)?.length).toBe(3);
    expect(out).toMatch(/^3 sent, 3 answered, 0% lost, [0-9.]+ s\nround trip min\/avg\/max\/p50\/p90\/p99 = [0-9.]+(\/[0-9.]+){5} ms$/m);
    const events = lines((await run(['ping', target.url(0), '--json', '-c', '2', '-i', '0', '-s', '0'])).out);
    expect(events).toMatchObject([
      { event: 'ping', sequence: 1, bytes: 0, same: true },
      { event: 'ping', sequence: 2 },
      { event: 'statistics', sent: 2, answered: 2, damaged: 0, lossPercent: 0 },
    ]);
  });

  it('ends by a signal, with what it found until then', async () => {
    const target = await served();
    const { out, code, context } = await run(['ping', target.url(0), '-t', '-i', '0.01'], {}, (running) => {
      const poll = setInterval(() => {
        if (!running.written().includes('seq=3')) return;
        clearInterval(poll);
        running.signal();
      }, 5);
    });
    expect([code, context.exits]).toEqual([0, []]);
    expect(out).toMatch(/^[0-9]+ sent, [0-9]+ answered, 0% lost/m);
  });

  it('tells of what is lost', async () => {
    const target = await served();
    const { out, code } = await run(['ping', target.url(0), '-c', '3', '-i', '0.3', '--timeout', '1'], {}, (running) => {
      const poll = setInterval(() => {
        if (!running.written().includes('seq=1')) return;
        clearInterval(poll);
        void target.stop();
      }, 5);
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^3 sent, 1 answered, 66.7% lost/m);
  });
});

/** Data with zeros in it, and a length that is no whole number of blocks. */
const image = (name: string, bytes = 2 * MIB - 300): string => {
  const data = randomBytes(bytes);
  data.fill(0, 300_000, 900_000);
  writeFileSync(join(folder, name), data);
  return join(folder, name);
};
const hash = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const records = (): string[] => {
  try {
    return readdirSync(join(folder, 'state', 'samewire', 'copies'));
  } catch {
    return [];
  }
};

const ticking = (context: TestContext): void => {
  const timer = setInterval(() => context.tick(1000), 1);
  cleanUps.push(() => clearInterval(timer));
};

describe('cp', () => {
  it('file to unit to unit to file, and nothing is left beside', async () => {
    const target = await served({ luns: [{ memory: 2 * MIB, thin: true }, { memory: 2 * MIB }] });
    const [from, back] = [image('from.img'), join(folder, 'back.img')];
    const first = await run(['cp', from, target.url(0), '--verify']);
    expect(first.err).toBe('');
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^copied 2 MiB, [0-9]+ KiB zeros, in [0-9.]+ s, .* MB\/s; verified in [0-9.]+ s\.\n$/),
    });
    expect((await run(['cp', target.url(0), target.url(1)])).code).toBe(0);
    expect((await run(['cp', target.url(1), back, '--json'])).code).toBe(0);
    expect(hash(readFileSync(back).subarray(0, statSync(from).size))).toBe(hash(readFileSync(from)));
    // The last block is filled up with zeros.
    expect(readFileSync(back).subarray(statSync(from).size)).toEqual(Buffer.alloc(300));
    expect(records()).toEqual([]);
  });

  it('tells programs how far it is', async () => {
    const target = await served();
    const { out, code } = await run(
      ['cp', image('a.img', 1024 * 1024), target.url(0), '--json', '--depth', '1', '--block-size', '4096B'],
      {},
      ticking,
    );
    const events = lines(out);
    expect(code).toBe(0);
    expect(events[0]).toEqual({ event: 'note', kind: 'larger', restBytes: 3 * MIB });
    expect(events.at(-1)).toMatchObject({ event: 'complete', bytes: MIB, positionBytes: MIB, startBytes: 0, verified: false });
    const progress = events.filter(({ event }) => event === 'progress');
    expect(progress.length).toBeGreaterThan(0);
    for (const event of progress) expect(event).toMatchObject({ phase: 'copying', totalBytes: MIB });
  });

  it('draws a bar that fits the terminal', async () => {
    const target = await served();
    const { out } = await run(
      ['cp', image('a.img'), target.url(0), '--depth', '1', '--block-size', '4096B'],
      { size: { columns: 60, rows: 24 } },
      (context) => {
        const timer = setInterval(() => context.tick(250), 1);
        cleanUps.push(() => clearInterval(timer));
      },
    );
    const bars = out.split('\r\u001b[K').filter((part) => part.includes('%'));
    expect(bars.length).toBeGreaterThan(0);
    for (const bar of bars) {
      expect(bar.length).toBeLessThan(60);
      expect(bar).toMatch(/^ *[0-9]+% ━*─*  .* of 2 MiB/);
    }
    expect(out).toContain('\r\u001b[Kcopied 2 MiB');
  });

  it('stops at a signal, says how to go on, and goes on there', async () => {
    const target = await served({ luns: [{ memory: 16 * MIB, thin: true }] });
    const from = image('from.img', 16 * MIB);
    const slowly = ['--depth', '1', '--block-size', '4096B', '--sparse', 'never'];
    const stopped = await run(['cp', from, `${target.url(0).replace('//', '//me%0123456789abcdef@')}`, ...slowly], {}, (context) => {
      const poll = setInterval(async () => {
        // Not before something was written.
        if (context.exits.length > 0 || records().length === 0) return;
        clearInterval(poll);
        context.signal();
      }, 1);
      cleanUps.push(() => clearInterval(poll));
    });
    expect(stopped.code).toBe(130);
    expect(stopped.out).toMatch(/^stopped behind [0-9.]+ [KM]?i?B of 16 MiB\. To go on:\n {2}samewire iscsi cp /m);
    expect(stopped.out).toContain('--sparse never --depth 1 --block-size 4096');
    expect(stopped.out).not.toContain('0123456789');
    expect(records().length).toBe(1);
    const again = await run(['cp', from, target.url(0), '--verify']);
    expect(again.out).toMatch(/Going on with an interrupted copy behind|^copied 16 MiB/);
    expect(again.code).toBe(0);
    const disk = await connectIscsi(target.url(0));
    expect(hash(await disk.read(0, disk.blocks))).toBe(hash(readFileSync(from)));
    await disk.close();
    expect(records()).toEqual([]);
  });

  it('finds that somebody else wrote to the destination', async () => {
    const target = await served();
    const disk = await connectIscsi(target.url(0));
    cleanUps.push(() => disk.close());
    const meddler = { over: false };
    const meddle = async (): Promise<void> => {
      while (!meddler.over) await disk.write(100, Buffer.alloc(512, 0x5a), { fua: true });
    };
    const meddling = meddle();
    const { out, code } = await run(['cp', image('a.img'), target.url(0), '--verify']);
    meddler.over = true;
    await meddling;
    expect(code).toBe(1);
    expect(out).toMatch(/differs from byte 512[0-9]{2} \(LBA 100, byte [0-9]+ of the block\) on: [0-9A-F]{2}h in .*a\.img, 5Ah in iscsi:/);
  });

  it('refuses, and does it by force', async () => {
    const target = await served();
    const precious = join(folder, 'precious.img');
    writeFileSync(precious, 'precious');
    const refused = await run(['cp', target.url(1), precious]);
    expect(refused.err).toContain('exists already, and holds something. Go on all the same with --force.');
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    expect((await run(['cp', target.url(1), precious, '--force'])).code).toBe(0);
    expect(statSync(precious).size).toBe(2 * MIB);
    expect((await run(['cp', target.url(0), target.url(1)])).err).toContain('--force');
    expect((await run(['cp', target.url(0), target.url(0)])).err).toContain('is source and destination');
    const readOnly = await served({ luns: [{ memory: 4 * MIB, readOnly: true }] });
    expect((await run(['cp', precious, readOnly.url(0)])).err).toContain('write-protected');
  });

  it('goes on with a file that it was copying to, though it exists', async () => {
    const target = await served({ luns: [{ memory: 8 * MIB }] });
    const disk = await connectIscsi(target.url(0));
    await disk.write(0, randomBytes(8 * MIB));
    const back = join(folder, 'back.img');
    const stopped = await run(['cp', target.url(0), back, '--depth', '1', '--block-size', '4096B', '--checkpoint', '0'], {}, (context) => {
      const poll = setInterval(() => {
        if (records().length === 0) return;
        clearInterval(poll);
        context.signal();
      }, 1);
      cleanUps.push(() => clearInterval(poll));
    });
    expect(stopped.code).toBe(130);
    expect((await run(['cp', target.url(0), back])).err).toBe('');
    expect(hash(readFileSync(back))).toBe(hash(await disk.read(0, disk.blocks)));
    await disk.close();
  });
});

describe('bench', () => {
  it('reads by itself, and reports', async () => {
    const target = await served();
    const { out, code } = await run([
      'bench',
      target.url(0),
      '--count',
      '200',
      '--depth',
      '4',
      '--seed',
      '7',
      '--region',
      '1MiB',
      '--offset',
      '1MiB',
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^random reads of 4 KiB, 4 under way over 1 MiB from 1 MiB on for [0-9.]+ s\n +IOPS +MB\/s +mean +p50 +p90 +p99 +p99\.9 +max\nread .*\n.*--seed 7\n$/,
    );
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('mixes, for programs', async () => {
    const target = await served();
    const words = ['bench', target.url(1), '--count', '400', '--read', '50', '--destroy-data', '--sequential', '--json', '--seed', '3'];
    const report = json((await run(words)).out) as { read: { commands: number }; write: { commands: number } };
    expect(report).toMatchObject({
      url: target.url(1),
      order: 'sequential',
      blockSize: 4096,
      depth: 32,
      seed: 3,
      readPercent: 50,
      region: 2 * MIB,
    });
    expect(report.read.commands + report.write.commands).toBe(400);
    expect(report.write).toMatchObject({ latencyMicroseconds: { 'p99.9': expect.any(Number) as number } });
  });

  it('refuses what does not fit', async () => {
    const target = await served();
    for (const [words, message] of [
      [['--block-size', '1KiB'], 'whole blocks of the disk, which have 4096'],
      [['--offset', '3MiB'], '--offset lies behind the end of the disk, which has 2 MiB'],
      [['--region', '4GiB'], 'The disk has only 2 MiB.'],
      [['--region', '4096B', '--block-size', '8KiB'], 'Not one command'],
      [['--block-size', '32MiB'], 'takes'],
    ] as const)
      expect((await run(['bench', target.url(1), ...words])).err, words.join(' ')).toContain(message);
  });

  it('ends by a signal with what it found', async () => {
    const target = await served();
    const { out, code } = await run(['bench', target.url(0), '--seconds', '1000', '--warm-up', '0'], {}, (context) => {
      setTimeout(() => context.signal(), 200);
    });
    expect(code).toBe(130);
    expect(out).toContain('random reads of 4 KiB');
  });
});
