/** Targets for our initiator to talk to, each with an image of which a test knows the content: tgtd, and our own as its users run it. */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { seededRng } from '../../src/base/rng.ts';
import { makeScratch } from './scratch.ts';
import { logicalUnits, startTarget } from './target-process.ts';
import { startTgtd } from './tgtd-process.ts';

export const UNIT_BYTES = 32 * 1024 * 1024;
export const USER = 'alice';
export const SECRET = 'a secret for the initiator';
export const TARGET_USER = 'disk';
export const TARGET_SECRET = 'another for the target';

export type Ways = 'open' | 'chap' | 'mutual';

export interface TestTarget {
  readonly portal: string;
  readonly name: string;
  readonly lun: number;
  /** What is in the image now, past the target. */
  readonly image: (start: number, bytes: number) => Buffer;
  readonly stop: () => Promise<unknown>;
}

export interface TestTargetOptions {
  readonly way?: Ways;
  readonly blockBytes?: 512 | 4096;
  /** iSCSI keys the target insists on. */
  readonly keys?: Readonly<Record<string, string>>;
}

export async function startTgtdTarget(options: TestTargetOptions = {}): Promise<TestTarget> {
  const { way = 'open', blockBytes = 512, keys = {} } = options;
  const scratch = makeScratch();
  const path = scratch.path('unit.img');
  writeFileSync(path, randomBytes(UNIT_BYTES));
  const tgtd = await startTgtd({
    target: 'iqn.2026-01.net.samewire:theirs',
    luns: [{ path, blockSize: blockBytes }],
    parameters: { HeaderDigest: 'CRC32C,None', DataDigest: 'CRC32C,None', ...keys },
    ...(way === 'open' ? {} : { account: [USER, SECRET] }),
    ...(way === 'mutual' ? { outgoing: [TARGET_USER, TARGET_SECRET] } : {}),
  });
  const stop = async (): Promise<void> => {
    await tgtd.stop();
    scratch.remove();
  };
  return { portal: tgtd.portals[0]!, name: tgtd.target, lun: 1, image: (start, bytes) => readPart(path, start, bytes), stop };
}

export async function startOwnTarget(options: TestTargetOptions = {}): Promise<TestTarget> {
  const { way = 'open', blockBytes = 512 } = options;
  const scratch = makeScratch();
  writeFileSync(scratch.path('unit.img'), randomBytes(UNIT_BYTES));
  const account = `{ user: ${USER}, secret: { env: IN }${way === 'mutual' ? `, mutual: { user: ${TARGET_USER}, secret: { env: OUT } }` : ''} }`;
  const fabric = `version: 1
name: initiator
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      iqn.2026-01.net.samewire:ours:
        luns:
          - { store: file, path: unit.img, blockSize: ${blockBytes}, provisioning: thin }
${way === 'open' ? '' : `        access:\n          - { initiator: any, chap: ${account} }`}
    state: state
`;
  const target = await startTarget(['up', scratch.write('fabric.yaml', fabric)], { env: { IN: SECRET, OUT: TARGET_SECRET } });
  const unit = logicalUnits(target.ready)[0]!;
  const stop = async (): Promise<void> => {
    await target.stop();
    scratch.remove();
  };
  return {
    portal: unit.portals[0]!,
    name: unit.target,
    lun: 0,
    image: (start, bytes) => readPart(scratch.path('unit.img'), start, bytes),
    stop,
  };
}

/** The same every time: what an image holds before anybody writes to it. */
export const randomBytes = (bytes: number, seed = 1): Uint8Array => {
  const piece = seededRng(seed).fill(new Uint8Array(Math.min(bytes, 1024 * 1024)));
  if (piece.length === bytes) return piece;
  const whole = new Uint8Array(bytes);
  // Each piece differs from the others, so that a block in the wrong place is found.
  for (let at = 0; at < bytes; at += piece.length) {
    whole.set(piece.subarray(0, Math.min(piece.length, bytes - at)), at);
    for (let block = at; block + 512 <= bytes && block < at + piece.length; block += 512)
      new DataView(whole.buffer).setUint32(block, block / 512);
  }
  return whole;
};

function readPart(path: string, start: number, bytes: number): Buffer {
  const file = openSync(path, 'r');
  const out = Buffer.alloc(bytes);
  readSync(file, out, 0, bytes, start);
  closeSync(file);
  return out;
}
