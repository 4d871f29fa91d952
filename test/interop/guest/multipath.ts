/** dm-multipath in a guest: one device over several sessions, with ALUA deciding which of them is used. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Guest } from './guest.ts';

/** There is no udev in a guest: names come from the device itself (VPD page 83h, by sysfs). */
const CONFIGURATION = `
defaults {
  uid_attribute ""
  find_multipaths no
  user_friendly_names yes
  polling_interval 1
  max_polling_interval 1
  path_grouping_policy group_by_prio
  path_checker tur
  failback immediate
  fast_io_fail_tmo 2
  no_path_retry queue
}
`;

export type PathState = 'active' | 'failed';

export interface MultipathPath {
  readonly device: string;
  readonly state: PathState;
  readonly priority: number;
}

export async function startMultipath(guest: Guest): Promise<void> {
  await guest.run(`
    modprobe -a dm_multipath dm_service_time dm_round_robin dm_queue_length scsi_dh_alua
    cat > /etc/multipath.conf <<'X'${CONFIGURATION}X
    # A disk that udev has not seen is no path to multipath.
    mkdir -p /run/udev/data
    for disk in /sys/block/sd*; do echo I:1 > "/run/udev/data/b$(cat "$disk/dev")"; done
    multipath -v2
    multipathd`);
}

/** The one device over all paths; node names in /dev/mapper would be udev's work. */
export async function multipathDevice(guest: Guest): Promise<string> {
  const minors = (await guest.run('dmsetup info --columns --noheadings -o minor')).trim().split(/\s+/);
  if (minors.length !== 1) throw new Error(`guest ${guest.name} has ${minors.length} multipath devices`);
  return `/dev/dm-${minors[0]!}`;
}

export async function pathsOf(guest: Guest): Promise<readonly MultipathPath[]> {
  const output = await guest.run(`multipathd show paths raw format '%d %t %p'`);
  return output
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([device, state, priority]) => ({ device: `/dev/${device!}`, state: state as PathState, priority: Number(priority) }));
}

const ASK_EVERY_MS = 250;

/** Asks until the paths are as wanted; how long that takes is up to the guest's timers. */
export async function waitForPaths(
  guest: Guest,
  what: string,
  isWanted: (paths: readonly MultipathPath[]) => boolean,
  limitMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const paths = await pathsOf(guest);
    if (isWanted(paths)) return;
    if (performance.now() > deadline) {
      const topology = await guest.sh('multipath -ll; dmesg | tail -20');
      throw new Error(`paths are never ${what}: ${JSON.stringify(paths)}\n${topology.output}`);
    }
    await sleep(ASK_EVERY_MS);
  }
}
