import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UsageError } from '../context.ts';
import { buildProgram } from '../program.ts';
import { DIALECTS } from '../../vendor/dialects.ts';
import { generateArray } from '../../vendor/testing/generate-array.ts';
import { nodeFor } from '../../vendor/testing/node-for.ts';
import { testContext } from '../testing/test-context.ts';

const FABRIC = `version: 1
name: example
switches:
  tor1:
    ports:
      1/1: { tagged: [2, 10-12], untagged: 7, mtu: 9216 }
      1/2: { vlan: 7, description: spare }
hosts:
  win1: { os: windows, nics: { p1: {} } }
arrays:
  array1:
    nics: { p1: { addresses: [192.0.2.1/24] } }
    portals: [{ listen: 192.0.2.1:3260, iser: true }]
    targets:
      iqn.2026-01.net.example:disk1:
        luns: [{ store: file, path: /srv/disk1.img, size: 1GiB }]
        access:
          - { initiator: iqn.1994-05.com.example:client1, chap: { user: client1, secret: { env: CLIENT1_SECRET } } }
`;

async function run(line: string, files: Record<string, string> = {}, isTerminal = false) {
  const context = testContext({ files: { 'fabric.yaml': FABRIC, ...files }, streams: { outIsTerminal: isTerminal } });
  let code: number | undefined;
  const program = buildProgram(context, '0.0.0', (given) => {
    code = given;
  });
  await program.exitOverride().parseAsync(['node', 'samewire', ...line.split(' ')]);
  return { code, out: context.written(), err: context.complaints(), files: context.files };
}

const rendered = async (node: string, dialect: string): Promise<string> => (await run(`render --node ${node} --as ${dialect}`)).out;

describe('samewire render', () => {
  it('lists which nodes there are, and in which words they can be told', async () => {
    const { out, code } = await run('render');
    expect(code).toBe(0);
    expect(out).toMatch(/^tor1 +switch +onyx/m);
    expect(out).toMatch(/^array1 +array .*targetcli/m);
    expect(out).not.toMatch(/^win1.*esxcli/m);
    const rows = JSON.parse((await run('render --json --node array1')).out) as { dialects: string[] }[];
    expect(rows).toHaveLength(1);
    expect(rows[0]!.dialects).toContain('targetcli');
  });

  it('gives commands, in comments the lines they come from, and apart from them what was not said', async () => {
    const onyx = await run('render fabric.yaml --node tor1 --as onyx');
    expect(onyx.out).toContain('! fabric.yaml:7\n');
    expect(onyx.out).toContain('description "spare"');
    const { out, err } = await run('render fabric.yaml --node array1 --as targetcli');
    expect(out.split('\n')).toContain('/iscsi create wwn=iqn.2026-01.net.example:disk1');
    // Its shell knows no comments.
    expect(out).not.toContain('fabric.yaml');
    expect(err).toContain(
      '1 setting not said in `targetcli`:\n  fabric.yaml:12: nics.p1.addresses = [192.0.2.1/24]: This is set up in the system',
    );
    expect(err).toContain('CLIENT1_SECRET holds');
    expect(err).toContain('file: /etc/target/saveconfig.json, written with --files DIR');
  });

  it('begins with the product and version that the words are of, where its shell knows comments', async () => {
    expect((await run('render --node tor1 --as onyx')).out).toMatch(/^! tor1 of fabric\.yaml, written for NVIDIA Onyx 3\.9 and 3\.10.*\n/);
    const { out, err } = await run('render --node array1 --as targetcli');
    expect(err).toMatch(/^array1 of fabric\.yaml, written for Linux LIO with targetcli-fb .*\n/);
    expect(out).not.toContain('written for');
    expect((await run('render')).out).toMatch(/^onyx: NVIDIA Onyx 3\.9/m);
  });

  it('has places beside the commands on a terminal', async () => {
    expect((await run('render --node array1 --as targetcli', {}, true)).out).toMatch(/^\/iscsi create wwn=\S+ +fabric\.yaml:15$/m);
  });

  it('writes files below a folder, and tells how to verify', async () => {
    const { files, err } = await run('render --node array1 --as targetcli --files out/');
    expect(err).toContain('wrote out/etc/target/saveconfig.json');
    expect(JSON.parse(files.get('out/etc/target/saveconfig.json')!)).toHaveProperty('targets');
    const verify = await run('render --node array1 --as targetcli --verify');
    expect(verify.out).toContain('targetcli ls /iscsi/iqn.2026-01.net.example:disk1/tpg1\n  should print: [no-gen-acls, auth per-acl');
  });

  it('gives programs all of it', async () => {
    const json = JSON.parse((await run('render --node array1 --as targetcli --json')).out) as Record<string, unknown[]>;
    expect(json['commands']![1]).toEqual({ text: '/iscsi create wwn=iqn.2026-01.net.example:disk1', file: 'fabric.yaml', line: 15 });
    expect(json['unsaid']![0]).toMatchObject({ key: ['nics', 'p1', 'addresses'], value: ['192.0.2.1/24'], line: 12 });
  });

  it('refuses what is not there', async () => {
    await expect(run('render --node tor9 --as onyx')).rejects.toThrow('There is no node `tor9` in fabric.yaml. It has win1, array1, tor1.');
    await expect(run('render --node tor1 --as frob')).rejects.toThrow(UsageError);
    await expect(run('render --node tor1 --as targetcli')).rejects.toThrow('`tor1` is a switch, and `targetcli` is for arrays.');
    await expect(run('render none.yaml')).rejects.toThrow(UsageError);
    expect(await run('render bad.yaml', { 'bad.yaml': 'version: 2\n' })).toMatchObject({ code: 1, out: '' });
  });
});

describe('samewire diff', () => {
  it('says nothing of what render gave', async () => {
    const text = await rendered('tor1', 'onyx');
    expect(await run('diff fabric.yaml tor1.txt', { 'tor1.txt': text })).toEqual({
      code: 0,
      out: 'tor1 tor1.txt: show running-config of onyx\n  the same\nno difference\n',
      err: '',
      files: expect.anything() as unknown,
    });
  });

  it('shows both places of a difference, and lines that nobody understood', async () => {
    const text = (await rendered('tor1', 'onyx')).replace('mtu 9216', 'mtu 9000').replace('"spare"', '"taken"');
    const { out, code } = await run('diff fabric.yaml tor1.txt', { 'tor1.txt': `${text}frobnicate all\n` });
    expect(code).toBe(1);
    expect(out).toMatch(/ports\.1\/1\.mtu\n +declared +9216 +fabric\.yaml:6\n +device +9000 +tor1\.txt:\d+\n/);
    expect(out).toMatch(/ports\.1\/2\.description\n +declared +spare +fabric\.yaml:7\n +device +taken/);
    expect(out).toMatch(/1 line not understood:\n {2}tor1\.txt:\d+: frobnicate all/);
    expect(out).toContain('2 differences in 1 node\n');
    const json = JSON.parse((await run('diff fabric.yaml tor1.txt --json', { 'tor1.txt': text })).out) as {
      nodes: { sources: { differences: unknown[] }[] }[];
    };
    expect(json.nodes[0]!.sources[0]!.differences[0]).toMatchObject({
      kind: 'differs',
      declared: { value: 9216, line: 6 },
      found: { value: 9000 },
    });
  });

  it('is told which node a file is of, where its name does not say it', async () => {
    const text = (await run('render --node array1 --as targetcli --files out')).files.get('out/etc/target/saveconfig.json')!;
    const files = { 'saveconfig.json': text };
    const unnamed = await run('diff fabric.yaml saveconfig.json', files);
    expect(unnamed.code).toBe(2);
    expect(unnamed.err).toContain('there is no node `saveconfig` in fabric.yaml: say which it is with --node NAME=saveconfig.json');
    expect((await run('diff fabric.yaml --node array1=saveconfig.json saveconfig.json', files)).code).toBe(0);
    expect((await run('diff fabric.yaml --node array1 -', { '-': text })).out).toContain('array1 <stdin>: saveconfig.json of targetcli');
    await expect(run('diff fabric.yaml --node a=x.txt saveconfig.json', files)).rejects.toThrow('x.txt is none of the files given');
  });

  it('fails where a file can not be compared', async () => {
    const { code, err } = await run('diff fabric.yaml hello.txt', { 'hello.txt': 'hello\n' });
    expect([code, err]).toEqual([2, expect.stringContaining('not compared: hello.txt: it looks like no output that is known here')]);
    expect(await run('diff bad.yaml tor1.txt', { 'bad.yaml': 'x: [', 'tor1.txt': 'x' })).toMatchObject({ code: 2 });
    await expect(run('diff - -', { '-': '' })).rejects.toThrow('not both');
  });
});

describe('samewire import', () => {
  it('makes a fabric file of several devices, and says in comments what of', async () => {
    const files = { 'tor1.txt': await rendered('tor1', 'onyx'), 'array1.txt': await rendered('array1', 'targetcli') };
    const { out, err, code } = await run('import tor1.txt array1.txt --name lab', files);
    expect(code).toBe(0);
    expect(err).toBe('1 setting left out that devices have by themselves (--json lists them)\n');
    expect(out).toContain('  # tor1.txt: show running-config (NVIDIA Onyx');
    expect(parse(out)).toMatchObject({
      name: 'lab',
      switches: { tor1: { ports: { '1/1': { tagged: [2, '10-12'], untagged: 7, mtu: 9216 }, '1/2': { vlan: 7, description: 'spare' } } } },
      arrays: { array1: { portals: [{ listen: '192.0.2.1:3260', iser: true }] } },
    });
    expect((await run('diff out.yaml tor1.txt array1.txt', { ...files, 'out.yaml': out })).code).toBe(0);
  });

  it('writes to a file, never over one, and lists what it did not understand', async () => {
    const files = { 'tor1.txt': `${await rendered('tor1', 'onyx')}frobnicate all\n` };
    const done = await run('import tor1.txt --out new.yaml', files);
    expect(done.out).toBe('');
    expect(done.err).toMatch(/1 line not understood:\n {2}tor1\.txt:\d+: frobnicate all\nwrote new\.yaml: 1 node\n/);
    expect(done.files.get('new.yaml')).toContain('version: 1');
    await expect(run('import tor1.txt --out fabric.yaml', files)).rejects.toThrow('exists already');
  });

  it('tells of outputs that disagree, and keeps the first', async () => {
    const text = await rendered('tor1', 'onyx');
    const { out, err } = await run('import --node tor1 a.txt b.txt', { 'a.txt': text, 'b.txt': text.replace('9216', '9000') });
    expect(err).toMatch(/outputs disagree on ports\.1\/1\.mtu of tor1: 9216 in a\.txt:\d+, 9000 in b\.txt:\d+; the first is kept\./);
    expect(out).toContain('mtu: 9216');
  });

  it('is an error with its line where a file is garbage, and imports the others', async () => {
    const files = { 'bad.json': '{"targets": [\n', 'tor1.txt': await rendered('tor1', 'onyx') };
    const { code, err, out } = await run('import bad.json tor1.txt', files);
    expect([code, out.includes('tor1:')]).toEqual([1, true]);
    expect(err).toContain('not imported: bad.json:2: The JSON ends in the middle.');
    await expect(run('import bad.json', files)).rejects.toThrow('bad.json:2');
    await expect(run('import x.bin', { 'x.bin': '\u0000\u0001\n' })).rejects.toThrow(UsageError);
  });
});

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))('render, import and diff as `%s`', (name, dialect) => {
  it('agree, with the comments that render writes', async () => {
    let compared = 0;
    for (let seed = 0; seed < 20 && compared < 3; seed += 1) {
      // LIO can not have all that is declared of RAM disks, and diff rightly says so.
      const made = name === 'targetcli' ? generateArray(seed, { without: ['thin'] }) : nodeFor(dialect, seed);
      const node = made.node.name;
      const files = { 'made.yaml': made.yaml() };
      const { out: text } = await run(`render made.yaml --node ${node} --as ${name}`, files);
      if (text.split('\n').length < 5) continue;
      const same = await run(`diff made.yaml --node ${node} --as ${name} output.txt`, { ...files, 'output.txt': text });
      expect([same.code, same.err], `${made.replay}\n${same.out}\n${text}`).toEqual([0, '']);
      expect(same.out, `${made.replay}\n${text}`).not.toContain('not understood');
      const imported = await run(`import --node ${node} --as ${name} output.txt`, { 'output.txt': text });
      const again = await run(`diff new.yaml --node ${node} --as ${name} output.txt`, { 'new.yaml': imported.out, 'output.txt': text });
      expect([again.code, again.err], `${made.replay}\n${again.out}\n${imported.out}`).toEqual([0, '']);
      compared += 1;
    }
    expect(compared).toBe(3);
  });
});
