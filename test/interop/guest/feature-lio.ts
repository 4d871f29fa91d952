/** Linux's kernel target in a guest as one of the kinds that our initiator's features are tried at: a target and a port for each set of options. */
import { kindOf } from '../features/kinds.ts';
import { NotSupported, SECRET, TARGET_SECRET, TARGET_USER, type TargetKind, UNIT_BYTES, USER } from '../features/feature.ts';
import { freePorts } from '../tgtd-process.ts';
import { type Guest, startGuest } from './guest.ts';
import { startLio } from './lio.ts';

const FIRST_PORT = 3260;
/** Sets of options that can be asked for. */
const PORTS = 16;
const MEBIBYTE = 2 ** 20;

export interface LioKind {
  readonly kind: TargetKind;
  /** The guest's kernel, which the target is a part of. */
  readonly version: string;
}

export async function lioKind(): Promise<LioKind> {
  const ports = await freePorts(PORTS);
  const forward = Object.fromEntries(ports.map((port, index) => [FIRST_PORT + index, port]));
  const guest = await startGuest({ name: 'features', memoryMiB: 1024, forward });
  let next = 0;
  const started = kindOf(
    'LIO',
    async ({ way = 'open', blockBytes = 512, units = 1, thin = false, keys = {}, redirectTo }) => {
      if (redirectTo !== undefined) throw new NotSupported(await noRedirection());
      const index = next;
      if (index === PORTS) throw new Error('no port of the guest is left');
      next += 1;
      const lio = await startLio(guest, {
        target: `iqn.2026-01.net.samewire.guest:features${index}`,
        ports: [FIRST_PORT + index],
        luns: Array.from({ length: units }, () => ({
          kind: 'file',
          mebibytes: UNIT_BYTES / MEBIBYTE,
          blockSize: blockBytes,
          isThin: thin,
        })),
        keys: { DefaultTime2Wait: '0', ...keys },
        ...(way === 'open' ? {} : { chap: { user: USER, secret: SECRET } }),
        ...(way === 'mutual' ? { mutualChap: { user: TARGET_USER, secret: TARGET_SECRET } } : {}),
      });
      return {
        portal: `127.0.0.1:${ports[index]!}`,
        name: lio.target,
        units: Array.from({ length: units }, (_, lun) => ({
          lun,
          sha256: (start: number, bytes: number) => lio.sha256(lun, start, bytes),
        })),
        stop: async () => {},
      };
    },
    () => guest.stop(),
  );
  const noRedirection = async (): Promise<string> => {
    const known = await guest.run('ls /sys/kernel/config/target/iscsi/*/tpgt_1/attrib /sys/kernel/config/target/iscsi/*/tpgt_1/param');
    if (/redirect|moved/i.test(known)) throw new Error(`there may be a setting for it:\n${known}`);
    return 'the kernel has no setting for it: no attribute or parameter of a portal group names redirection';
  };
  const kind: TargetKind = { ...started, crashes: () => crashesOf(guest) };
  return { kind, version: `Linux ${(await guest.run('uname -r')).trim()}` };
}

/** What the kernel says of itself: an Oops, or a panic that ends it, and where. */
async function crashesOf(guest: Guest): Promise<{ readonly count: number; readonly last: string }> {
  const log = await guest.run("dmesg | grep -E 'Oops|RIP: 0010' || true").catch(() => undefined);
  if (log === undefined) return { count: Number.POSITIVE_INFINITY, last: 'the kernel panics, and takes the machine with it' };
  const count = log.split('\n').filter((line) => line.includes('Oops')).length;
  return { count, last: `the kernel reports an Oops${placeOf(log)}` };
}

const placeOf = (log: string): string => {
  const place = /RIP: 0010:(\w+)/.exec(log.slice(Math.max(0, log.lastIndexOf('Oops'))))?.[1];
  return place === undefined ? '' : ` in ${place}`;
};
