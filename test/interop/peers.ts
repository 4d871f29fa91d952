/**
 * Other people's software that tests run against. Where it is absent a test skips and names the Debian package that would bring it;
 * with SAMEWIRE_REQUIRE_PEERS=1 (as in CI, which installs them) its absence is a failure.
 */
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it } from 'vitest';

export interface Peer {
  readonly name: string;
  readonly debianPackage: string;
  readonly isInstalled: () => boolean;
}

/** Daemons live where an ordinary user's PATH does not look. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const command = (name: string, debianPackage: string): Peer => ({
  name,
  debianPackage,
  isInstalled: () => folders.some((folder) => folder !== '' && isExecutable(join(folder, name))),
});

function qemuHasIscsi(): boolean {
  // Debian puts the driver in a module of its own; a QEMU built with it inside has no such file, and says so in its list of formats.
  return ['/usr/lib', ...safeList('/usr/lib').map((name) => join('/usr/lib', name))].some((folder) =>
    safeList(join(folder, 'qemu')).includes('block-iscsi.so'),
  );
}

function safeList(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export const PEERS = {
  iscsiTestCu: command('iscsi-test-cu', 'libiscsi-bin'),
  iscsiLs: command('iscsi-ls', 'libiscsi-bin'),
  iscsiInq: command('iscsi-inq', 'libiscsi-bin'),
  qemuImg: command('qemu-img', 'qemu-utils'),
  qemuIscsi: { name: "QEMU's iSCSI driver", debianPackage: 'qemu-block-extra', isInstalled: qemuHasIscsi },
  tshark: command('tshark', 'tshark'),
  tgtd: command('tgtd', 'tgt'),
  istgt: command('istgt', 'istgt'),
  isnsd: command('isnsd', 'open-isns-server'),
  isnsadm: command('isnsadm', 'open-isns-utils'),
  qemuSystem: command('qemu-system-x86_64', 'qemu-system-x86'),
  ipxeRom: {
    name: "QEMU's iPXE",
    debianPackage: 'ipxe-qemu',
    isInstalled: () => safeList('/usr/lib/ipxe/qemu').includes('pxe-virtio.rom'),
  },
  aptGet: command('apt-get', 'apt'),
  dpkgDeb: command('dpkg-deb', 'dpkg'),
  tar: command('tar', 'tar'),
  xz: command('xz', 'xz-utils'),
  radvd: command('radvd', 'radvd'),
  ethtool: command('ethtool', 'ethtool'),
  openVSwitch: command('ovs-vswitchd', 'openvswitch-switch'),
  chromium: command('chromium', 'chromium'),
} as const satisfies Record<string, Peer>;

export type PeerName = keyof typeof PEERS;

/** What building and starting a Linux guest takes (test/interop/guest). */
export const GUEST_PEERS = ['qemuSystem', 'aptGet', 'dpkgDeb', 'tar', 'xz'] as const satisfies readonly PeerName[];

/** A `describe` that needs peers. Skips, or fails, by name where one is missing; the body then never runs. */
export function describeWithPeers(needed: readonly PeerName[], title: string, body: () => void | Promise<void>): void {
  const missing = needed.map((name) => PEERS[name]).filter((peer) => !peer.isInstalled());
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const packages = [...new Set(missing.map((peer) => peer.debianPackage))].join(' ');
  const reason = `${missing.map((peer) => peer.name).join(', ')} not installed: apt-get install ${packages}`;
  describeWithout(reason, process.env['SAMEWIRE_REQUIRE_PEERS'] === '1' ? 'has its peers installed' : undefined, title);
}

/** Stands for a `describe` that can't run here: fails under the name `failsAs`, or skips, with the reason said aloud. */
export function describeWithout(reason: string, failsAs: string | undefined, title: string): void {
  if (failsAs === undefined) process.stderr.write(`SKIPPED ${title}: ${reason}\n`);
  describe(title, () => {
    if (failsAs === undefined) return it.skip(reason, () => {});
    it(failsAs, () => {
      throw new Error(`${reason} (SAMEWIRE_REQUIRE_PEERS=1 makes this a failure)`);
    });
  });
}
