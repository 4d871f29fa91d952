/** The targets that run on this machine as processes: Linux's tgt, istgt from FreeBSD, and ours. LIO is in test/interop/guest. */
import { readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from '../initiator-targets.ts';
import { startIstgt } from '../istgt-process.ts';
import { makeScratch, type Scratch } from '../scratch.ts';
import { startTarget } from '../target-process.ts';
import { startTgtd } from '../tgtd-process.ts';
import {
  type FeatureTarget,
  type FeatureUnit,
  NotSupported,
  SECRET,
  sha256,
  TARGET_SECRET,
  TARGET_USER,
  type TargetKind,
  type TargetOptions,
  UNIT_BYTES,
  USER,
} from './feature.ts';

interface Started extends FeatureTarget {
  readonly stop: () => Promise<unknown>;
}

/** Starts a target once for each set of options. */
export function kindOf(
  name: string,
  start: (options: TargetOptions) => Promise<Started>,
  atEnd = async (): Promise<void> => {},
): TargetKind {
  const started = new Map<string, Promise<Started>>();
  return {
    name,
    start: (options = {}) => {
      const key = JSON.stringify(
        options,
        Object.keys(options)
          .sort()
          .concat(Object.keys(options.keys ?? {})),
      );
      const known = started.get(key) ?? start(options);
      started.set(key, known);
      return known;
    },
    stop: async () => {
      for (const one of started.values())
        await one.then(
          (target) => target.stop(),
          () => {},
        );
      await atEnd();
    },
  };
}

/** Images with something in them. */
function images(scratch: Scratch, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const path = scratch.path(`unit${index}.img`);
    writeFileSync(path, randomBytes(UNIT_BYTES, 50 + index));
    return path;
  });
}

const unitAt = (lun: number, path: string): FeatureUnit => ({
  lun,
  sha256: async (start, bytes) => sha256(readFileSync(path).subarray(start, start + bytes)),
});

export const tgt = (): TargetKind =>
  kindOf('tgt', async (options) => {
    const { way = 'open', blockBytes = 512, units = 1, thin = false, keys = {}, redirectTo } = options;
    const scratch = makeScratch();
    const paths = images(scratch, units);
    const colon = redirectTo?.lastIndexOf(':') ?? 0;
    const redirect =
      redirectTo === undefined
        ? {}
        : { RedirectAddress: redirectTo.slice(0, colon), RedirectPort: redirectTo.slice(colon + 1), RedirectReason: 'Temporary' };
    const process = await startTgtd({
      target: 'iqn.2026-01.net.samewire:tgt',
      luns: paths.map((path) => ({ path, blockSize: blockBytes, ...(thin ? { params: ['thin_provisioning=1'] } : {}) })),
      // DefaultTime2Wait: or every lost connection takes two seconds.
      parameters: { HeaderDigest: 'CRC32C,None', DataDigest: 'CRC32C,None', DefaultTime2Wait: '0', ...keys, ...redirect },
      ...(way === 'open' ? {} : { account: [USER, SECRET] as const }),
      ...(way === 'mutual' ? { outgoing: [TARGET_USER, TARGET_SECRET] as const } : {}),
    });
    const stop = async (): Promise<void> => {
      await process.stop();
      scratch.remove();
    };
    return {
      portal: process.portals[0]!,
      name: process.target,
      units: paths.map((path, index) => unitAt(process.lunOf(index), path)),
      stop,
    };
  });

export const istgt = (): TargetKind => ({ ...startIstgtKind(), skipsStatusNumbers: true });

const startIstgtKind = (): TargetKind =>
  kindOf('istgt', async (options) => {
    const { way = 'open', blockBytes = 512, units = 1, keys = {}, redirectTo } = options;
    if (redirectTo !== undefined && !readFileSync('/usr/sbin/istgt').includes('Redirect'))
      throw new NotSupported('the program knows no setting for it: it does not contain the word "Redirect"');
    const scratch = makeScratch();
    const paths = images(scratch, units);
    const process = await startIstgt({
      target: 'iqn.2026-01.net.samewire:istgt',
      luns: paths,
      blockSize: blockBytes,
      keys,
      ...(way === 'open' ? {} : { account: [USER, SECRET] as const }),
      ...(way === 'mutual' ? { outgoing: [TARGET_USER, TARGET_SECRET] as const } : {}),
    }).catch((error: Error) => {
      scratch.remove();
      const refused = /\*\*\*ERROR\*\*\* (not supported value .*)/.exec(error.message)?.[1];
      if (refused === undefined) throw error;
      throw new NotSupported(
        `it does not start with ${Object.entries(keys)
          .map((pair) => pair.join('='))
          .join(', ')}: "${refused}"`,
      );
    });
    const stop = async (): Promise<void> => {
      await process.stop();
      scratch.remove();
    };
    return { portal: process.portal, name: process.target, units: paths.map((path, lun) => unitAt(lun, path)), stop };
  });

export const ours = (): TargetKind =>
  kindOf('ours', async (options) => {
    const { way = 'open', blockBytes = 512, units = 1, redirectTo } = options;
    const scratch = makeScratch();
    const paths = images(scratch, units);
    const mutual = way === 'mutual' ? `, mutual: { user: ${TARGET_USER}, secret: { env: OUT } }` : '';
    const access = `access:\n          - { initiator: any, chap: { user: ${USER}, secret: { env: IN }${mutual} } }`;
    const fabric = `version: 1
name: features
arrays:
  array1:
    portals: ["127.0.0.1:0"]
    targets:
      iqn.2026-01.net.samewire:ours:
        ${redirectTo === undefined ? '' : `redirect: "${redirectTo}"`}
        luns:
${paths.map((_, index) => `          - { store: file, path: unit${index}.img, blockSize: ${blockBytes}, provisioning: thin }`).join('\n')}
        ${way === 'open' ? '' : access}
    state: state
`;
    const process = await startTarget(['up', scratch.write('fabric.yaml', fabric)], { env: { IN: SECRET, OUT: TARGET_SECRET } });
    const stop = async (): Promise<void> => {
      await process.stop();
      scratch.remove();
    };
    const portal = Object.values(process.ready.arrays)[0]!.portals[0]!;
    return { portal, name: 'iqn.2026-01.net.samewire:ours', units: paths.map((path, lun) => unitAt(lun, path)), stop };
  });
