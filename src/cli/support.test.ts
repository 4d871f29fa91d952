import { describe, expect, it } from 'vitest';
import { support } from './support.ts';
import { type TestContext, testContext } from './testing/test-context.ts';
import { up } from './up.ts';

const FABRIC = `version: 1
name: small
arrays:
  a1: { portals: ["127.0.0.1:0"], targets: { iqn.2026-01.net.samewire:a: { luns: [{ store: memory, size: 1MiB }] } } }
`;

const sized = (text: string): string[] => [...text.matchAll(/^ +(\d+) {2}(\S+)/gm)].map(([, , name]) => name!);

async function whileUp(context: TestContext, action: () => Promise<unknown>): Promise<void> {
  const done = up('fabric.yaml', { page: false }, context);
  while (!context.written().includes('ready')) await new Promise((resolve) => setImmediate(resolve));
  try {
    await action();
  } finally {
    context.signal();
    await done;
  }
}

describe('samewire support', () => {
  it('makes a report of a file that is not up', async () => {
    const context = testContext({ files: { 'a.yaml': FABRIC } });
    expect(await support(['a.yaml', 'out.tgz'], {}, context)).toBe(0);
    expect(sized(context.written())).toEqual(['summary.txt', 'manifest.json', 'fabric.yaml', 'checks.json']);
    expect(context.written()).toContain('Look through it before you send it.');
    expect(context.complaints()).toContain('the fabric is not up');
    // gzip (RFC 1952 §2.3.1).
    expect([...context.byteFiles.get('out.tgz')!.subarray(0, 3)]).toEqual([0x1f, 0x8b, 8]);
  });

  it('finds what is up by itself, and has what it says', async () => {
    const context = testContext({ files: { 'fabric.yaml': FABRIC } });
    await whileUp(context, () => support(['out.tgz'], {}, context));
    expect(sized(context.written())).toEqual(expect.arrayContaining(['fabric.json', 'state-2.json', 'units.json', 'events.jsonl']));
    // Nothing of it has a wire.
    expect(context.complaints()).toContain('not in it: network.json: ');
  });

  it('writes over nothing that it was not told to', async () => {
    const context = testContext({ files: { 'a.yaml': FABRIC } });
    await support(['a.yaml', 'out.tgz'], {}, context);
    await expect(support(['a.yaml', 'out.tgz'], {}, context)).rejects.toThrow('exists already');
    expect(await support(['a.yaml', 'out.tgz'], { force: true }, context)).toBe(0);
    // Nor over a fabric file that somebody took for the report.
    await expect(support(['a.yaml'], { force: true }, context)).rejects.toThrow('ends in .tgz');
  });

  it('captures only where something is up, and warns of payloads', async () => {
    const context = testContext({ files: { 'a.yaml': FABRIC } });
    await expect(support(['a.yaml', 'out.tgz'], { capture: ['tor1:1'], payload: true }, context)).rejects.toThrow(
      'Nothing can be captured',
    );
    expect(context.complaints()).toContain('warning: with --payload');
    await expect(support(['no.yaml', 'out.tgz'], {}, context)).rejects.toThrow("Can't read no.yaml");
  });
});
