/** Offloads by the names that `ethtool -K` takes and `ethtool -k` prints (ethtool 6.1). */

export interface Feature {
  readonly offload: string;
  readonly on: string;
  readonly off: string;
  /** Names in the output: the offload is on where one of them is. */
  readonly printed: readonly string[];
}

export const FEATURES: readonly Feature[] = [
  { offload: 'checksum', on: 'rx on tx on', off: 'rx off tx off', printed: ['tx-checksumming'] },
  { offload: 'largeSend', on: 'tso on', off: 'tso off', printed: ['tcp-segmentation-offload'] },
  { offload: 'largeReceive', on: 'gro on', off: 'gro off lro off', printed: ['generic-receive-offload', 'large-receive-offload'] },
  {
    offload: 'encapsulated',
    on: 'tx-udp_tnl-segmentation on',
    off: 'tx-udp_tnl-segmentation off',
    printed: ['tx-udp_tnl-segmentation'],
  },
];
