/**
 * `samewire support` holds nothing secret: secrets are planted wherever one can be declared, and where none should be; logins succeed and fail while a
 * report is made; then none of them is in it, in any form. What would be there without hiding is looked at too, so that the search is known to find.
 */
import { statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { CommandContext } from '../../src/cli/context.ts';
import { processContext } from '../../src/cli/process-context.ts';
import { support } from '../../src/cli/support.ts';
import { up } from '../../src/cli/up.ts';
import type { EventsAnswer } from '../../src/server/api/events.ts';
import type { RunningFabric } from '../../src/server/running-fabric.ts';
import { blotDeclaration } from '../../src/server/support/blot-declaration.ts';
import { makeScratch } from '../interop/scratch.ts';
import { ENVIRONMENT, FABRIC, formsOf, found, SECRET_FILES, SECRETS, TARGET } from './support/planted.ts';
import { declarationWith, fits, placesIn, placeText, secretPlaces } from './support/secret-places.ts';
import { unpack, type Unpacked } from './support/unpack.ts';

const scratch = makeScratch();
afterAll(() => scratch.remove());

interface Said {
  out: string;
  err: string;
}

interface Stopper {
  context: CommandContext;
  said: Said;
  fabric: () => RunningFabric | undefined;
  stop: () => void;
}

function context(environment: Readonly<Record<string, string>> = ENVIRONMENT): Stopper {
  const said: Said = { out: '', err: '' };
  const real = processContext('1.2.3');
  let stop: (() => void) | undefined;
  let fabric: RunningFabric | undefined;
  return {
    said,
    stop: () => stop?.(),
    fabric: () => fabric,
    context: {
      ...real,
      environment: { HOME: '/home/planted-somebody', ...environment },
      terminal: undefined,
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      onSignal(listener) {
        stop = listener;
        return () => {};
      },
      onExit: () => () => {},
      openServer(running) {
        fabric = running;
        return real.openServer(running);
      },
    },
  };
}

describe('a report of a fabric that is up', () => {
  const running = context();
  let done: Promise<number>;
  let file: string;
  let entries: Map<string, Unpacked>;
  const asked = context();

  beforeAll(async () => {
    for (const [name, text] of Object.entries(SECRET_FILES)) scratch.write(name, `${text}\n`);
    file = scratch.write('planted.yaml', FABRIC);
    done = up(file, { json: true, page: '127.0.0.1:0' }, running.context);
    done.catch(() => {});
    while (!running.said.out.includes('"ready"')) {
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 20))]);
      if (running.said.err.includes('nothing was brought up')) throw new Error(running.said.err);
    }
    // As if something of ours had told what it never should.
    const sink = running.fabric()!.events.sink;
    for (const secret of Object.values(SECRETS))
      for (const form of formsOf(secret))
        sink({
          id: 9099,
          name: 'planted',
          severity: 'warning',
          source: `planted/${form}`,
          message: `Told: ${form}`,
          data: { text: form, list: [form], bytes: Buffer.from(secret).toJSON(), raw: Uint8Array.from(Buffer.from(secret)), [form]: 1 },
        });
    // Logins, right and wrong, while somebody listens.
    const ask = (url: string, body: unknown): Promise<unknown> => asked.context.askControl(file, 'POST', url, body);
    const disturb = setInterval(() => {
      void ask('/api/hosts/reset', { host: 'right', adapter: 'vmhba64' }).catch(() => {});
      void ask('/api/hosts/rescan', {}).catch(() => {});
    }, 300);
    const to = scratch.path('planted.tgz');
    try {
      await support([file, to], { capture: ['array1:eth0', 'tor1:2'], seconds: 2, payload: true }, asked.context);
    } finally {
      clearInterval(disturb);
    }
    entries = await unpack(to);
  }, 60_000);

  afterAll(async () => {
    running.stop();
    await done;
  });

  it('has what it should, in its order, for its owner only', () => {
    expect([...entries.keys()]).toEqual([
      'summary.txt',
      'manifest.json',
      'fabric.yaml',
      'checks.json',
      'fabric.json',
      'topology.json',
      'state-1.json',
      'state-2.json',
      'network.json',
      'hosts.json',
      'sessions.json',
      'units.json',
      'events.jsonl',
      'metrics.txt',
      'histories.json',
      'captures/array1_eth0.pcapng',
      'captures/tor1_2.pcapng',
    ]);
    expect(statSync(scratch.path('planted.tgz')).mode & 0o777).toBe(0o600);
    for (const { header } of entries.values()) expect(header).toMatchObject({ mode: 0o600, uid: 0, gid: 0, uname: '', gname: '' });
    for (const [name, { content }] of entries) if (name.endsWith('.json')) expect(() => JSON.parse(content.toString()), name).not.toThrow();
    expect(entries.get('summary.txt')!.content.toString()).toContain('planted is up since');
  });

  it('holds none of the secrets, in no form', () => {
    for (const [name, { content }] of entries) expect(found(content), name).toEqual([]);
    expect(found(Buffer.from(asked.said.out + asked.said.err))).toEqual([]);
  });

  it('tells how many it hid, and none of them', () => {
    const manifest = JSON.parse(entries.get('manifest.json')!.content.toString()) as {
      readonly entries: readonly { readonly name: string; readonly found: number }[];
      readonly hiding: Readonly<Record<string, unknown>>;
    };
    expect(manifest.entries.find(({ name }) => name === 'events.jsonl')!.found).toBeGreaterThan(100);
    expect(manifest.hiding).toMatchObject({ notReadHere: [], payloads: true, commentsLeftOut: 2, fileReadByLines: false });
  });

  it('has everything of the declaration but its secrets, at its lines', () => {
    const text = entries.get('fabric.yaml')!.content.toString();
    expect(text.split('\n').length).toBe(FABRIC.split('\n').length);
    const [before, after] = [parse(FABRIC), parse(text)] as { hosts: { wrong: { iscsi: { vmhba64: { alias: string } } } } }[];
    before!.hosts.wrong.iscsi.vmhba64.alias = after!.hosts.wrong.iscsi.vmhba64.alias = '';
    expect(after).toEqual(before);
  });

  it('saw logins that were refused and some that were not, and has no answer to a challenge', async () => {
    const answer = (await asked.context.askControl(file, 'GET', '/api/events?severity=debug&limit=10000')) as EventsAnswer;
    const names = new Set(answer.events.map(({ name }) => name));
    expect(names).toContain('login-refused');
    expect(names).toContain('session-opened');
    const capture = entries.get('captures/array1_eth0.pcapng')!.content;
    expect(capture.length).toBeGreaterThan(10_000);
    for (const word of ['CHAP_R', 'CHAP_C', 'CHAP_N', 'InitiatorName=']) expect(capture.includes(word), word).toBe(false);
    // What hosts asked of disks is there.
    expect(capture.includes('SAMEWIRE')).toBe(true);
  });

  it('would hold all of them without hiding', async () => {
    const raw = JSON.stringify(await asked.context.askControl(file, 'GET', '/api/events?severity=debug&limit=10000'));
    for (const [name, secret] of Object.entries(SECRETS))
      expect(found(Buffer.from(raw), { [name]: secret }).length, name).toBeGreaterThan(8);
    const named = Object.keys(found(Buffer.from(FABRIC)));
    expect(named.length).toBeGreaterThan(2);
    const stream = (await asked.context.openControlStream(file, '/api/network/capture', { at: 'array1:eth0', count: 400 }))!;
    const pieces: Uint8Array[] = [];
    const reset = asked.context.askControl(file, 'POST', '/api/hosts/reset', { host: 'right', adapter: 'vmhba64' });
    setTimeout(() => void stream.stop(), 1500);
    for await (const piece of stream) pieces.push(piece);
    await reset;
    const capture = Buffer.concat(pieces);
    for (const word of ['CHAP_R=0x', `TargetName=${TARGET}`]) expect(capture.includes(word), word).toBe(true);
  }, 30_000);

  it('has only headers in captures where nobody asks for more', async () => {
    const to = scratch.path('headers.tgz');
    const rescan = setInterval(() => void asked.context.askControl(file, 'POST', '/api/hosts/rescan', {}).catch(() => {}), 200);
    await support([file, to], { capture: ['array1:eth0'], seconds: 1 }, asked.context).finally(() => clearInterval(rescan));
    const capture = (await unpack(to)).get('captures/array1_eth0.pcapng')!.content;
    expect(capture.length).toBeGreaterThan(1000);
    for (const word of ['CHAP', 'iqn.', 'SAMEWIRE']) expect(capture.includes(word), word).toBe(false);
  }, 30_000);

  it('is not written over, unless told so', async () => {
    const again = context();
    await expect(support([file, scratch.path('planted.tgz')], {}, again.context)).rejects.toThrow(/exists already.*--force/);
  }, 30_000);

  it('tells which secrets it could not search for', async () => {
    const blind = context({ SUPPORT_TEST_LOGIN: SECRETS.login });
    await support([file, scratch.path('blind.tgz')], {}, blind.context);
    expect(blind.said.err).toContain('SUPPORT_TEST_DISCOVERY');
    expect(blind.said.err).not.toContain('SUPPORT_TEST_LOGIN');
  }, 30_000);
});

// ---- files that don't come up ----

/** Also in the dark: nothing of the environment is known, and no file is there. */
const shownOf = (text: string): string => blotDeclaration(text, () => false).text;

const PLANT = 'hunter2Xq7vLw2ZtR';

describe('a declaration', () => {
  const places = secretPlaces();

  it('was planted at every place that runs', () => {
    expect(places.length).toBeGreaterThan(10);
    const planted = placesIn(parse(FABRIC));
    const bare = places.filter((place) => !planted.some((path) => fits(path, place))).map(placeText);
    // The boot agent of an adapter is only checked.
    expect(bare.filter((place) => !place.includes('.boot.'))).toEqual([]);
  });

  const values: readonly (readonly [string, unknown])[] = [
    ['itself', PLANT],
    ['a number', 918273645546],
    ['lines', `${PLANT}\nand ${PLANT}\n`],
    ['a list', [PLANT, { a: PLANT }]],
    ['another source', { vault: PLANT }],
    ['a key', { [PLANT]: null }],
    ['the name of a variable', { env: PLANT }],
    ['no name of a variable', { env: `${PLANT}!` }],
    ['a path', { file: PLANT }],
    ['both', { env: PLANT, file: `${PLANT}/x` }],
    ['deeper', { env: { value: PLANT } }],
  ];
  it.each(values)('has no secret left that stands where its source belongs: %s', (_, value) => {
    for (const path of places) {
      const text = stringify(declarationWith(path, value));
      expect(text).toMatch(/hunter2|918273645546/);
      for (const written of [text, text.replaceAll('\n', '\r\n'), `${text}\n}: broken`, JSON.stringify(declarationWith(path, value))])
        expect(shownOf(written), placeText(path)).not.toMatch(/hunter2|918273645546/);
    }
  });

  it.each([
    `x: &a ${PLANT}\narrays: { a: { discovery: { chap: { user: u, secret: *a } } } }`,
    `name: &a ${PLANT}\narrays: { a: { discovery: { chap: { user: u, secret: *a } } } }`,
    `hosts: { h: { iscsi: { i: { chap: { user: u, passwd: ${PLANT} } } } } }`,
    `arrays: { a: { password: ${PLANT}, luns: 1 } }`,
    `arrays: { a: { discovery: { chap: "user%${PLANT}" } } }`,
    `arrays:\n  a:\n    discovery:\n      chap:\n        secret: >-\n          ${PLANT}\n\n          ${PLANT}\n    state: x`,
    `arrays: { a: { discovery: { chap: { secret: "first\n   ${PLANT}\n   last" } } } }`,
    `arrays: { a: { "api-key": '${PLANT}' } }`,
    `name: "iscsi://me:${PLANT}@host/"`,
    `name: "iscsi://me%${PLANT}@host/"`,
    `name: "http://127.0.0.1:8326/#token=${PLANT}"`,
    `name: see password=${PLANT}`,
    `name: "\\u0070assword: ${PLANT}"`,
    `# secret ${PLANT}\nname: a # ${PLANT}\nlinks: # ${PLANT}\n  - [a:1, b:1]`,
    `? ${PLANT}secret\n: ${PLANT}`.replace(`${PLANT}secret`, 'secret'),
    `arrays: { a: { targets: { iqn.2026-01.net.x:a: { access: [{ initiator: any, chap: { user: a, ${PLANT} } }] } } } }`,
    `secrets: [${PLANT}, { a: [${PLANT}] }]`,
    `custom: { whatever: ${PLANT} }`,
    `chap: !!binary ${PLANT}`,
    `arrays: { a: { secret: ${PLANT}`,
    `arrays:\n  a:\n   secret ${PLANT}\n  b: [`,
    `secret:\n- ${PLANT}\n-\n  ${PLANT}\nname: [`,
    `secret: "open\n ${PLANT}\nname: a`,
    `\tsecret:${PLANT}`,
    `%TAG ! ${PLANT}\n--- a`,
  ])('hides what is written at a wrong place: %s', (text) => {
    expect(text).toContain(PLANT);
    const shown = shownOf(text);
    expect(shown).not.toContain(PLANT);
    expect(shown.split('\n').length).toBe(text.split('\n').length);
  });

  it('is left as it is otherwise', () => {
    const text =
      'name: a\nversion: 1\nlinks: [[a:1, b:1]]\nswitches: { a: { ports: { 1-3: { vlan: 10, description: "Top of rack, left" } } } }\n';
    expect(shownOf(text)).toBe(text);
  });

  it('with mistakes gives a report of them, without what was hidden', async () => {
    const file = scratch.write(
      'mistakes.yaml',
      `version: 1\nname: m\narrays:\n  a:\n    discovery: { chap: { user: u, secret: ${PLANT} } }\n    portals: ["http://u:${PLANT}@x"]\n    targets: {}\n`,
    );
    const alone = context();
    await support([file, scratch.path('mistakes.tgz')], {}, alone.context);
    const entries = await unpack(scratch.path('mistakes.tgz'));
    expect([...entries.keys()]).toEqual(['summary.txt', 'manifest.json', 'fabric.yaml', 'checks.json']);
    expect(entries.get('summary.txt')!.content.toString()).toMatch(/not up[\s\S]*SW-0007 line 5/);
    for (const [name, { content }] of entries) expect(content.includes(PLANT), name).toBe(false);
  });
});
