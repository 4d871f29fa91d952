/**
 * Secrets stay secret: planted in the environment and in files, through good and bad logins, they stand in nothing the process prints,
 * logs or keeps, in no form. And nobody listens beyond loopback without having said for whom.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeers } from '../interop/peers.ts';
import { type PeerRun, runPeer } from '../interop/run-peer.ts';
import { makeScratch } from '../interop/scratch.ts';
import { CLI, iscsiUrl, logicalUnits, startTarget, type TargetProcess } from '../interop/target-process.ts';

const SECRETS = {
  env: 'planted-one-Xq7vLw2ZtR',
  mutualEnv: 'planted-two-Pk4mNs8HyB',
  file: 'planted-three-Jd6cGf1UoE',
  discovery: 'planted-four-Ta9rWb3ViQ',
  wrong: 'guessed-five-Mh5xCe0KsA',
  short: 'plantedsix',
} as const;

const ENVIRONMENT = { SECRETS_TEST_ONE: SECRETS.env, SECRETS_TEST_TWO: SECRETS.mutualEnv, SECRETS_TEST_FOUR: SECRETS.discovery };

const FABRIC = `version: 1
name: secrets
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    discovery: { chap: { user: finder, secret: { env: SECRETS_TEST_FOUR } } }
    targets:
      iqn.2026-01.net.samewire:env:
        luns: [{ store: memory, size: 1MiB }]
        access:
          - initiator: any
            chap:
              user: one
              secret: { env: SECRETS_TEST_ONE }
              mutual: { user: two, secret: { env: SECRETS_TEST_TWO } }
      iqn.2026-01.net.samewire:file:
        luns: [{ store: file, path: disk.img, size: 1MiB }]
        access: [{ initiator: any, chap: { user: three, secret: { file: three.secret } } }]
    state: state
`;

/** The forms in which a secret might slip out: as it is, in hexadecimal, in Base64, in an address. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replaceAll('=', '');
  return [secret, bytes.toString('hex'), bytes.toString('hex').toUpperCase(), base64, encodeURIComponent(secret), [...bytes].join(',')];
}

function expectNoSecret(text: string, where: string): void {
  for (const secret of Object.values(SECRETS)) {
    for (const form of forms(secret)) expect(text.includes(form), `a secret in ${where}`).toBe(false);
  }
}

/** Everything below a folder but the secret itself and the images. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.(secret|img)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

const samewire = (args: readonly string[], env: Readonly<Record<string, string>> = ENVIRONMENT): Promise<PeerRun> =>
  runPeer(process.execPath, [CLI, ...args], { timeoutMs: 20_000, env });

const tool = (name: string, ...args: string[]): Promise<PeerRun> => runPeer(name, args, { timeoutMs: 15_000 });

describeWithPeers(['iscsiLs', 'iscsiInq'], 'secrets', () => {
  const scratch = makeScratch();
  const said: string[] = [];
  let fabric: string;
  let target: TargetProcess;

  beforeAll(async () => {
    scratch.write('three.secret', `${SECRETS.file}\n`);
    fabric = scratch.write('fabric.yaml', FABRIC);
    target = await startTarget(['up', fabric, '--log', scratch.path('events.log')], { env: ENVIRONMENT });
  });
  afterAll(async () => {
    await target?.stop();
    scratch.remove();
  });

  const inquire = (short: string, credentials: string, more = ''): Promise<PeerRun> => {
    const unit = logicalUnits(target.ready).find((one) => one.target.endsWith(`:${short}`))!;
    return tool('iscsi-inq', `${iscsiUrl(unit.portals[0]!, unit.target, 0, credentials)}${more}`);
  };

  it('let in who knows them, and nobody else', async () => {
    const portal = logicalUnits(target.ready)[0]!.portals[0]!;
    const good = [
      await tool('iscsi-ls', `iscsi://finder%${SECRETS.discovery}@${portal}`),
      await inquire('env', `one%${SECRETS.env}`),
      await inquire('env', `one%${SECRETS.env}`, `?target_user=two&target_password=${SECRETS.mutualEnv}`),
      await inquire('file', `three%${SECRETS.file}`),
    ];
    for (const run of good) expect(run, run.stderr + run.stdout).toMatchObject({ code: 0, timedOut: false });
    const bad = [
      await tool('iscsi-ls', `iscsi://finder%${SECRETS.wrong}@${portal}`),
      await inquire('env', `one%${SECRETS.wrong}`),
      await inquire('env', `three%${SECRETS.env}`),
      await inquire('env', `one%${SECRETS.env}`, `?target_user=two&target_password=${SECRETS.wrong}`),
      await inquire('env', ''),
      // A user name that is the secret, as who mistakes one field for the other would send it.
      await inquire('file', `${SECRETS.file}%${SECRETS.file}`),
      await inquire('file', `three%${SECRETS.env}`),
    ];
    for (const run of bad) {
      expect(run.code).not.toBe(0);
      expect(run.timedOut).toBe(false);
    }
    const refused = target.events().filter((line) => line.includes('login-refused'));
    // The one whose answer the initiator did not believe was let in by us.
    expect(refused.length).toBeGreaterThanOrEqual(bad.length - 1);
    // Whether the user or the secret was wrong is nobody's business.
    const reasons = new Set(
      refused.filter((line) => line.includes('CHAP user or secret')).map((line) => /CHAP user or secret [^"]*/.exec(line)![0]),
    );
    expect(reasons.size).toBe(1);
  }, 120_000);

  it('stand in nothing that was printed, logged or kept', async () => {
    await target.stop();
    said.push(target.errors(), ...target.events());
    expect(said.join('\n')).toContain('session-opened');
    expectNoSecret(said.join('\n'), 'the output of up --json');
    const files = filesBelow(scratch.folder);
    expect(files.map((file) => file.slice(scratch.folder.length + 1))).toContain('events.log');
    for (const file of files) expectNoSecret(readFileSync(file, 'latin1'), file);
  }, 60_000);

  it('do not stand in what check says, right or wrong', async () => {
    for (const json of [[], ['--json']]) {
      const good = await samewire(['check', fabric, ...json]);
      expect(good.code, good.stdout).toBe(0);
      expectNoSecret(good.stdout + good.stderr, 'check');
    }
    expectNoSecret((await samewire(['explain'])).stdout, 'explain');
  }, 60_000);

  it('do not stand in what a failed start says', async () => {
    const short = await samewire(['up', fabric, '--json'], { ...ENVIRONMENT, SECRETS_TEST_ONE: SECRETS.short });
    expect(short.code).toBe(1);
    expect(short.stderr).toContain('SECRETS_TEST_ONE');
    expectNoSecret(short.stdout + short.stderr, 'up with a short secret');
    const missing = await samewire(['up', fabric], { ...ENVIRONMENT, SECRETS_TEST_TWO: '' });
    expect(missing.code).toBe(1);
    expectNoSecret(missing.stdout + missing.stderr, 'up without one of them');
  }, 60_000);

  it.each([[[]], [['--json']]])(
    'do not stand in what serve says (%j)',
    async (json) => {
      const args = [
        'serve',
        '--memory',
        '1MiB',
        '--portal',
        '127.0.0.1:0',
        '--chap-user',
        'one',
        '--chap-secret-env',
        'SECRETS_TEST_ONE',
        ...json,
      ];
      if (json.length === 0) {
        // The text for people.
        const said = await untilReady(args);
        expect(said).toMatch(/127\.0\.0\.1/);
        expectNoSecret(said, 'serve');
        return;
      }
      const served = await startTarget(args.slice(0, -1), { env: ENVIRONMENT });
      const unit = logicalUnits(served.ready)[0]!;
      const good = await tool('iscsi-inq', iscsiUrl(unit.portals[0]!, unit.target, 0, `one%${SECRETS.env}`));
      const bad = await tool('iscsi-inq', iscsiUrl(unit.portals[0]!, unit.target, 0, `one%${SECRETS.wrong}`));
      await served.stop();
      expect(good.code, good.stderr).toBe(0);
      expect(bad.code).not.toBe(0);
      expectNoSecret(served.errors() + served.events().join('\n'), 'serve --json');
    },
    60_000,
  );
});

const openFabric = (portal: string, access: string): string => `version: 1
name: open
arrays:
  array1:
    portals: ["${portal}"]
    targets:
      iqn.2026-01.net.samewire:open:
        luns: [{ store: memory, size: 1MiB }]${access}
    state: state
`;

describe('a portal beyond loopback', () => {
  const scratch = makeScratch();
  afterAll(() => scratch.remove());
  it.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:3260', '[2001:db8::1]:3260'])(
    '%s with no declared access is an error, and does not come up',
    async (portal) => {
      const file = scratch.write('open.yaml', openFabric(portal, ''));
      for (const command of ['check', 'up']) {
        const run = await samewire([command, file]);
        expect(run.code, run.stdout + run.stderr).toBe(1);
        expect(run.stdout + run.stderr).toContain(portal.replace(/:\d+$/, ''));
        expect(run.stdout).not.toContain('ready');
      }
      const served = await samewire(['serve', '--memory', '1MiB', '--portal', portal]);
      expect(served.code).toBe(1);
      expect(served.stderr).toMatch(/--allow|--chap-user/);
    },
    60_000,
  );

  it.each(['127.0.0.1:0', '127.8.9.10:3260', '[::1]:0'])(
    'loopback (%s) is the exception',
    async (portal) => {
      const run = await samewire(['check', scratch.write('loopback.yaml', openFabric(portal, ''))]);
      expect(run.code, run.stdout).toBe(0);
    },
    60_000,
  );

  it('with declared access is allowed', async () => {
    const access = '\n        access: [iqn.2026-01.net.example:host1]';
    const run = await samewire(['check', scratch.write('declared.yaml', openFabric('0.0.0.0:3260', access))]);
    expect(run.code, run.stdout).toBe(0);
  }, 60_000);

  it('is not what anybody gets who says nothing', async () => {
    const text = (await samewire(['serve', '--help'])).stdout;
    expect(text).toMatch(/default:\s+127\.0\.0\.1:3260/);
    const starter = scratch.path('starter.yaml');
    expect((await samewire(['init', starter])).code).toBe(0);
    const portals = [
      ...readFileSync(starter, 'utf8').matchAll(/^\s*(?:-\s*|portals:\s*\[?\s*)"?((?:\d{1,3}\.){3}\d{1,3}|\[[^\]]*\]):\d+/gm),
    ];
    expect(portals.length).toBeGreaterThan(0);
    for (const [, host] of portals) expect(host).toMatch(/^127\./);
  }, 60_000);
});

/** All that the program says on both outputs, stopped as soon as it says that it is ready. */
async function untilReady(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...ENVIRONMENT } });
  const limit = setTimeout(() => child.kill('SIGKILL'), 30_000);
  let said = '';
  for (const output of [child.stdout, child.stderr])
    output.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('ready')) child.kill('SIGTERM');
    });
  await once(child, 'close');
  clearTimeout(limit);
  return said;
}
