/** What a guest is made of: Debian packages, and which of their programs, libraries, settings and kernel modules go into its root. */

export interface Recipe {
  /** Depends on the kernel of the day, which alone of its dependencies is taken. */
  readonly kernelPackage: string;
  readonly packages: readonly string[];
  /** Brought in by dependencies for installing and administering, which nobody does in a guest: not worth their download. */
  readonly leftOut: readonly RegExp[];
  /** Programs by name, with the shared libraries they need; they go before busybox's of the same name. */
  readonly programs: readonly string[];
  /** Files that programs open by name: a path, or a folder and how the names in it go. */
  readonly files: readonly (readonly [folder: string, names: RegExp])[];
  /** Kernel modules, with those that they depend on. */
  readonly modules: readonly string[];
}

export const RECIPE: Recipe = {
  kernelPackage: 'linux-image-amd64',
  packages: [
    'busybox-static',
    'coreutils',
    'dash',
    'dmsetup',
    'e2fsprogs',
    'ethtool',
    'iperf3',
    'iproute2',
    'kmod',
    'multipath-tools',
    'open-iscsi',
    'sg3-utils',
    'tcpdump',
    'udhcpc',
    'util-linux',
  ],
  leftOut: [/^(?:lib)?perl/, /^(?:lib)?python3/, /^debconf$/, /^dpkg$/, /^initramfs-tools/, /^linux-base$/, /^udev$/, /^usrmerge$/],
  programs: [
    ['dash', 'kmod', 'ip', 'ss', 'bridge', 'tc', 'dcb', 'ethtool', 'dd', 'split', 'sha256sum', 'fstrim', 'blkdiscard', 'flock'],
    ['iperf3', 'tcpdump'],
    ['iscsid', 'iscsiadm', 'multipath', 'multipathd', 'dmsetup', 'mkfs.ext4', 'e2fsck'],
    ['sg_inq', 'sg_vpd', 'sg_luns', 'sg_turs', 'sg_raw', 'sg_readcap', 'sg_requests'],
    ['sg_persist', 'sg_rtpg', 'sg_stpg', 'sg_unmap', 'sg_write_same', 'sg_compare_and_write', 'sg_get_lba_status'],
  ].flat(),
  files: [
    ['usr/lib/multipath', /^lib.*\.so$/],
    ['usr/lib/x86_64-linux-gnu', /^(?:libnss_files\.so\.2|libgcc_s\.so\.1)$/],
    ['usr/lib/x86_64-linux-gnu/ossl-modules', /\.so$/],
    ['etc/iscsi', /^iscsid\.conf$/],
    ['etc/udhcpc', /^default\.script$/],
  ],
  modules: [
    ['virtio_pci', 'virtio_net', 'virtio_console', 'virtio_blk', 'virtio_rng', '8021q'],
    ['bonding', 'bridge', 'dummy', 'veth', 'sch_prio', 'sch_mqprio'],
    ['sd_mod', 'sg', 'iscsi_tcp', 'ext4', 'loop', 'brd'],
    ['dm_multipath', 'dm_round_robin', 'dm_service_time', 'dm_queue_length', 'scsi_dh_alua'],
    ['target_core_mod', 'target_core_file', 'target_core_iblock', 'iscsi_target_mod'],
    ['crc32c_generic', 'crct10dif_generic', 'crc32_generic', 'sha512_generic'],
  ].flat(),
};
