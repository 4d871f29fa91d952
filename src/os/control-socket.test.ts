import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askControlSocket, type ControlSocket, controlPaths, onlyControlPath, openControlSocket } from './control-socket.ts';
import { type Answers, answering } from './testing/control-answers.ts';

let folder: string;
const open: ControlSocket[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samewire-control-'));
});
afterEach(async () => {
  for (const socket of open.splice(0)) await socket.close();
  rmSync(folder, { recursive: true });
});

async function opened(paths: readonly string[], answers: Answers = {}): Promise<ControlSocket> {
  const socket = await openControlSocket(paths, answering(answers));
  open.push(socket);
  return socket;
}

/** A path in a folder that does not exist yet. */
const place = (name = 'x.sock'): string => join(folder, 'own', name);

describe.skipIf(process.platform === 'win32')('the control socket', () => {
  it('answers with what the handler gives, and belongs to its owner alone', async () => {
    const { path } = await opened([place()], {
      'GET /x': () => ({ value: 1 }),
      'POST /x': async (body: unknown) => ({ body }),
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(await askControlSocket([place('none.sock'), path], 'GET', '/x')).toEqual({ value: 1 });
    expect(await askControlSocket([path], 'POST', '/x', { name: 'ä' })).toEqual({ body: { name: 'ä' } });
  });

  it('says what is wrong with a request', async () => {
    const { path } = await opened([place()], {
      'POST /x': () => {
        throw new Error('Not today.');
      },
    });
    const ask = (url: string, body?: unknown): Promise<unknown> => askControlSocket([path], 'POST', url, body);
    await expect(ask('/x')).rejects.toThrow('Not today.');
    await expect(ask('/x', {})).rejects.toThrow('Not today.');
  });

  it('is not there where nobody listens', async () => {
    const socket = await openControlSocket([place()], answering({}));
    await socket.close();
    expect(existsSync(socket.path)).toBe(false);
    expect(await askControlSocket([socket.path], 'GET', '/x')).toBeUndefined();
  });

  it('takes the place of one that a killed process left, and of no other', async () => {
    mkdirSync(join(folder, 'own'), { mode: 0o700 });
    // A socket whose file stays when it is closed, as when its process is killed.
    const left = createServer().listen(join(folder, 'left.sock'));
    await new Promise((resolve) => left.once('listening', resolve));
    symlinkSync(join(folder, 'left.sock'), place());
    await expect(openControlSocket([place()], answering({}))).rejects.toThrow('Another process has this fabric up');
    await new Promise((resolve) => left.close(resolve));
    writeFileSync(join(folder, 'left.sock'), '');
    await opened([place()]);
    expect(statSync(place()).isSocket()).toBe(true);
  });

  it('is put in no folder that others can change, but in the next', async () => {
    mkdirSync(join(folder, 'own'), { mode: 0o777 });
    const { chmodSync } = await import('node:fs');
    chmodSync(join(folder, 'own'), 0o777);
    await expect(openControlSocket([place()], answering({}))).rejects.toThrow(/is open to others.*chmod 700/);
    const { path } = await opened([place(), join(folder, 'next', 'x.sock')]);
    expect(path).toBe(join(folder, 'next', 'x.sock'));
  });

  it('has a path for each file, short enough for the system', () => {
    writeFileSync(join(folder, 'a.yaml'), '');
    symlinkSync(join(folder, 'a.yaml'), join(folder, 'b.yaml'));
    const of = (name: string, runtime?: string): readonly string[] => controlPaths(join(folder, name), { XDG_RUNTIME_DIR: runtime });
    expect(of('a.yaml')).toEqual(of('b.yaml'));
    expect(of('a.yaml')).not.toEqual(of('c.yaml'));
    expect(of('a.yaml', '/run/user/1')[0]).toMatch(/^\/run\/user\/1\/samewire\/[0-9a-f]{20}\.sock$/);
    expect(of('a.yaml', `/${'x'.repeat(100)}`)).toEqual(of('a.yaml'));
    for (const path of of('a.yaml')) expect(path.length).toBeLessThan(104);
  });

  it('is found without its file where there is no other', async () => {
    // Sockets of this user that stand elsewhere count too: where other fabrics are up, this says nothing.
    const environment = { XDG_RUNTIME_DIR: folder };
    const found = (): Promise<string> => onlyControlPath(environment).catch((error: Error) => error.message);
    const elsewhere = await onlyControlPath({}).catch((error: Error) => error.message);
    if (!elsewhere.startsWith('No fabric is up')) return;
    expect(await found()).toBe('No fabric is up as this user: name the fabric file before the rest.');
    const [path] = controlPaths(join(folder, 'a.yaml'), environment);
    await opened([path!]);
    writeFileSync(join(folder, 'samewire', 'notes.txt'), '');
    writeFileSync(join(folder, 'samewire', `${'0'.repeat(20)}.sock`), 'nobody listens here');
    expect(await found()).toBe(path);
    await opened([controlPaths(join(folder, 'b.yaml'), environment)[0]!]);
    expect(await found()).toBe('2 fabrics are up: name the fabric file before the rest.');
  });
});
