/** The kernel's initiator in a guest, by way of iscsiadm: node records, logins, and the disks that come of them. */
import type { Guest } from './guest.ts';

export interface ChapAccount {
  readonly user: string;
  readonly secret: string;
}

export interface LoginOptions {
  readonly target: string;
  /** As the guest reaches it: `10.0.2.2:PORT`. */
  readonly portal: string;
  /** CRC32C over headers, data, both or neither. */
  readonly headerDigest?: boolean;
  readonly dataDigest?: boolean;
  readonly chap?: ChapAccount;
  /** What the target has to answer with. */
  readonly mutualChap?: ChapAccount;
  /** iscsiadm's names: `MD5`, `SHA1`, `SHA256`, `SHA3-256`, or several with commas. */
  readonly chapAlgorithms?: string;
  /** More of the node record, as `node.session.timeo.replacement_timeout`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const LOGIN_LIMIT_MS = 90_000;

/** Loads the initiator's modules and starts its daemon. */
export async function startInitiator(guest: Guest): Promise<void> {
  await guest.run(`
    modprobe -a sd_mod sg iscsi_tcp scsi_dh_alua
    pidof iscsid >/dev/null || iscsid
    tries=0
    until iscsiadm -m session 2>&1 | grep -q 'No active sessions' || [ $tries -ge 100 ]; do tries=$((tries + 1)); sleep 0.1; done`);
}

/** SendTargets: a line for each portal of each target, `10.0.2.2:3260,1 iqn...`. Makes a node record of each. */
export async function discover(guest: Guest, portal: string): Promise<readonly string[]> {
  const output = await guest.run(`iscsiadm -m discovery -t sendtargets -p ${portal}`);
  return output.trim().split('\n').filter(Boolean).sort();
}

/** Logs in with a node record made by hand: what discovery would say may be no use through a network address translator. */
export async function login(guest: Guest, options: LoginOptions): Promise<void> {
  const node = nodeOf(options);
  const settings: Record<string, string> = {
    'node.conn[0].iscsi.HeaderDigest': options.headerDigest === true ? 'CRC32C' : 'None',
    'node.conn[0].iscsi.DataDigest': options.dataDigest === true ? 'CRC32C' : 'None',
    ...chapSettings(options),
    ...options.settings,
  };
  const updates = Object.entries(settings).map(([name, value]) => `iscsiadm ${node} -o update -n '${name}' -v '${value}'`);
  await guest.run(
    `iscsiadm ${node} -o show >/dev/null 2>&1 || iscsiadm ${node} -o new
    ${updates.join('\n')}
    iscsiadm ${node} --login`,
    { timeoutMs: LOGIN_LIMIT_MS },
  );
}

export async function logout(guest: Guest, { target, portal }: Pick<LoginOptions, 'target' | 'portal'>): Promise<void> {
  await guest.run(`sync; iscsiadm ${nodeOf({ target, portal })} --logout`);
}

/** Logged in for as long as `body` takes, and out again however it ends. */
export async function whileLoggedIn<T>(guest: Guest, options: LoginOptions, body: () => Promise<T>): Promise<T> {
  await login(guest, options);
  try {
    return await body();
  } finally {
    await guest.sh('umount /mnt');
    await logout(guest, options);
  }
}

/** The device of a logical unit, once the kernel has found it; by way of `portal` where several lead there. */
export async function diskOf(guest: Guest, target: string, lun: number, portal?: string): Promise<string> {
  return (await guest.run(`iscsi-disk ${target} ${lun} ${portal === undefined ? '' : portal.split(':').at(-1)!}`)).trim();
}

/** What was negotiated, by the names of RFC 7143 §13: `HeaderDigest` to `CRC32C`. */
export async function negotiated(guest: Guest): Promise<Readonly<Record<string, string>>> {
  const output = await guest.run('iscsiadm -m session -P 2');
  return Object.fromEntries([...output.matchAll(/^\s*(\w+): (\S+)$/gm)].map((match) => [match[1]!, match[2]!]));
}

const nodeOf = ({ target, portal }: Pick<LoginOptions, 'target' | 'portal'>): string => `-m node -T ${target} -p ${portal}`;

function chapSettings({ chap, mutualChap, chapAlgorithms }: LoginOptions): Record<string, string> {
  if (chap === undefined) return { 'node.session.auth.authmethod': 'None' };
  return {
    'node.session.auth.authmethod': 'CHAP',
    'node.session.auth.username': chap.user,
    'node.session.auth.password': chap.secret,
    ...(mutualChap && { 'node.session.auth.username_in': mutualChap.user, 'node.session.auth.password_in': mutualChap.secret }),
    ...(chapAlgorithms !== undefined && { 'node.session.auth.chap_algs': chapAlgorithms }),
  };
}
