/** Linux's kernel target (LIO) in a guest, set up through configfs: a peer for initiators on this machine, by way of forwarded ports. */
import type { Guest } from './guest.ts';
import type { ChapAccount } from './open-iscsi.ts';

export interface LioLun {
  /** A RAM disk of LIO's own, or a file in the guest's memory, which can give space back. */
  readonly kind: 'memory' | 'file';
  readonly mebibytes: number;
  readonly blockSize?: 512 | 4096;
  /** UNMAP and WRITE SAME with UNMAP; of files only. */
  readonly isThin?: boolean;
}

export interface LioOptions {
  readonly luns: readonly LioLun[];
  /** Ports of the guest, each a target portal group of its own: 1, 2 and so on. */
  readonly ports?: readonly number[];
  readonly target?: string;
  readonly chap?: ChapAccount;
  /** What the target answers with. */
  readonly mutualChap?: ChapAccount;
  /** Keys of RFC 7143 §13 as LIO is to offer them: `HeaderDigest: 'CRC32C'`, `ErrorRecoveryLevel: '2'`, `MaxConnections: '4'`. */
  readonly keys?: Readonly<Record<string, string>>;
}

export type LioAccessState = 'active-optimized' | 'active-nonoptimized' | 'standby' | 'unavailable';

export interface Lio {
  readonly target: string;
  /** What LIO has stored of a file LUN, or of a part of it: its SHA-256. */
  readonly sha256: (lun: number, start?: number, bytes?: number) => Promise<string>;
  /** Bytes that a file LUN takes in memory. */
  readonly allocatedBytes: (lun: number) => Promise<number>;
  readonly sessions: () => Promise<number>;
  /** ALUA: the state of every LUN through the portal at this place in `ports`. */
  readonly setAccessState: (portal: number, state: LioAccessState) => Promise<void>;
  /** Drops the sessions and refuses new ones until `enable`. */
  readonly disable: () => Promise<void>;
  readonly enable: () => Promise<void>;
}

const ROOT = '/sys/kernel/config/target';
const PAGE_BYTES = 4096;
const MEBIBYTE = 2 ** 20;
const ACCESS_STATES: Readonly<Record<LioAccessState, number>> = {
  'active-optimized': 0,
  'active-nonoptimized': 1,
  standby: 2,
  unavailable: 3,
};

export async function startLio(guest: Guest, options: LioOptions): Promise<Lio> {
  const { luns, ports = [3260], target = 'iqn.2026-01.net.samewire.guest:lio' } = options;
  const groups = ports.map((_, index) => `${ROOT}/iscsi/${target}/tpgt_${index + 1}`);
  await guest.run(`
    modprobe -a target_core_mod target_core_file iscsi_target_mod
    [ -d ${ROOT} ] || mount -t configfs configfs /sys/kernel/config
    mkdir -p ${ROOT}/iscsi
    # Where it keeps registrations; it refuses them without the folder, persistent or not.
    mkdir -p /var/target/pr`);
  for (const [index, lun] of luns.entries()) await guest.run(backstore(target, index, lun, ports.length));
  for (const [index, port] of ports.entries()) await guest.run(portalGroup(groups[index]!, target, index, port, options));
  const setEnabled = async (value: 0 | 1): Promise<void> => {
    await guest.run(groups.map((group) => `echo ${value} > ${group}/enable`).join('\n'));
  };
  await setEnabled(1);
  return {
    target,
    sha256: async (lun, start = 0, bytes = luns[lun]!.mebibytes * MEBIBYTE) => {
      const part = `dd if=${imageOf(target, lun)} bs=64k iflag=skip_bytes,count_bytes skip=${start} count=${bytes} status=none`;
      return (await guest.run(`${part} | sha256sum`)).split(' ')[0]!;
    },
    allocatedBytes: async (lun) => Number(await guest.run(`echo $(($(stat -c %b ${imageOf(target, lun)}) * 512))`)),
    sessions: async () => Number(await guest.run(`cat ${ROOT}/iscsi/${target}/fabric_statistics/iscsi_instance/sessions`)),
    setAccessState: async (portal, state) => {
      const set = luns.map(
        (lun, index) => `echo ${ACCESS_STATES[state]} > ${coreOf(target, index, lun)}/alua/portal${portal}/alua_access_state`,
      );
      await guest.run(set.join('\n'));
    },
    disable: () => setEnabled(0),
    enable: () => setEnabled(1),
  };
}

/** The last part of its name tells one target's stores from another's. */
const storeName = (target: string, lun: number): string => `${target.split(':').at(-1)!}-${lun}`;
const imageOf = (target: string, lun: number): string => `/tmp/${storeName(target, lun)}.img`;
const coreOf = (target: string, index: number, { kind }: LioLun): string =>
  `${ROOT}/core/${kind === 'memory' ? 'rd_mcp' : 'fileio'}_0/${storeName(target, index)}`;

function backstore(target: string, index: number, lun: LioLun, portals: number): string {
  const core = coreOf(target, index, lun);
  const bytes = lun.mebibytes * MEBIBYTE;
  const control =
    lun.kind === 'memory'
      ? `rd_pages=${bytes / PAGE_BYTES}`
      : `fd_dev_name=${imageOf(target, index)},fd_dev_size=${bytes},fd_buffered_io=1`;
  // Each group of ports gets the identifier after the default one's (0), in the order of the portals.
  const groups = Array.from({ length: portals }, (_, portal) => {
    const group = `${core}/alua/portal${portal}`;
    // Both implicit and explicit, as an initiator meets it elsewhere.
    return `mkdir ${group}; echo ${portal + 1} > ${group}/tg_pt_gp_id; echo 3 > ${group}/alua_access_type`;
  });
  return `
    ${lun.kind === 'file' ? `truncate -s ${bytes} ${imageOf(target, index)}` : ''}
    mkdir -p ${core}
    echo ${control} > ${core}/control
    echo 1 > ${core}/enable
    echo ${storeName(target, index)} > ${core}/wwn/vpd_unit_serial
    echo ${lun.blockSize ?? 512} > ${core}/attrib/block_size
    ${lun.isThin === true ? `echo 1 > ${core}/attrib/emulate_tpu; echo 1 > ${core}/attrib/emulate_tpws` : ''}
    ${groups.join('\n')}`;
}

function portalGroup(
  group: string,
  target: string,
  portal: number,
  port: number,
  { luns, chap, mutualChap, keys = {} }: LioOptions,
): string {
  const attributes = {
    authentication: chap === undefined ? 0 : 1,
    generate_node_acls: 1,
    demo_mode_write_protect: 0,
    cache_dynamic_acls: 1,
    // It has a say of its own in what the parameter of that name offers.
    default_erl: keys['ErrorRecoveryLevel'] ?? 0,
  };
  const account = {
    ...(chap && { userid: chap.user, password: chap.secret }),
    ...(mutualChap && { userid_mutual: mutualChap.user, password_mutual: mutualChap.secret }),
  };
  const set = (folder: string, values: Readonly<Record<string, string | number>>): string[] =>
    Object.entries(values).map(([name, value]) => `echo -n '${value}' > ${group}/${folder}/${name}`);
  return [
    `mkdir -p ${group}/np/0.0.0.0:${port}`,
    ...luns.flatMap((lun, index) => [
      `mkdir -p ${group}/lun/lun_${index}`,
      `ln -s ${coreOf(target, index, lun)} ${group}/lun/lun_${index}/store`,
      `echo portal${portal} > ${group}/lun/lun_${index}/alua_tg_pt_gp`,
    ]),
    ...set('attrib', attributes),
    ...set('auth', account),
    ...set('param', { AuthMethod: chap === undefined ? 'CHAP,None' : 'CHAP', ...keys }),
  ].join('\n');
}
