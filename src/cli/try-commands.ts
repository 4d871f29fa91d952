/** The commands a newcomer types next in another terminal, ready to be copied. Of secrets they name the source, never the value. */
import { formatAddress, isWildcard } from '../fabric/address.ts';
import type { NetworkPlan } from '../fabric/network/plan.ts';
import type { AccessPlan, ArrayPlan, ChapIdentityPlan, ChapPlan, TargetPlan } from '../fabric/plan.ts';
import type { ReadyReport } from '../os/running.ts';
import { formatIp } from '../wire/ip/address.ts';

export interface TryCommands {
  readonly title: string;
  readonly commands: readonly string[];
}

/** For the first target of each array that can be logged in to from this machine. */
export function tryCommands(plans: readonly ArrayPlan[], ready: ReadyReport, network: NetworkPlan | undefined): TryCommands[] {
  return plans.flatMap((plan) => {
    const target = plan.targets.find(
      (candidate) => candidate.redirect === undefined && candidate.access.length > 0 && candidate.portals.length > 0,
    );
    const places = target?.portals.flatMap((index) => placeOf(plan, index, ready, network) ?? []) ?? [];
    if (target === undefined || places.length === 0) return [];
    const title = plans.length === 1 ? '' : plan.name;
    return [{ title, commands: commandsFor(plan, target, places[0]!) }];
  });
}

/** Where a portal is reached from this machine. */
interface Place {
  readonly portal: string;
  /** It leads into the fabric's own network, where the portals that a target names of itself are out of reach from here. */
  readonly isPublished: boolean;
}

/** Undefined: it is in the fabric's own network, and not published. */
function placeOf(plan: ArrayPlan, index: number, ready: ReadyReport, network: NetworkPlan | undefined): Place | undefined {
  const shown = ready.arrays[plan.name]?.portals[index];
  if (shown === undefined) return undefined;
  const listen = plan.portals[index]!;
  const machine = network?.machines.find(({ name }) => name === plan.name);
  const own = machine?.nics.flatMap((nic) => nic.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => formatIp(address))));
  if (own === undefined || !(isWildcard(listen) || own.includes(listen.host))) return { portal: reachable(shown), isPublished: false };
  const inside = isWildcard(listen) ? own.map((host) => formatAddress(host, Number(/\d+$/.exec(shown)))) : [shown];
  const found = ready.network?.published.find(({ to }) => inside.includes(to));
  return found === undefined ? undefined : { portal: reachable(found.listen), isPublished: true };
}

function commandsFor(plan: ArrayPlan, target: TargetPlan, { portal, isPublished }: Place): string[] {
  // Whoever tries is somebody: anyone, if anyone may.
  const access = target.access.find((entry) => entry.initiator === 'any' && entry.chap === undefined) ?? target.access[0]!;
  const initiator = access.initiator === 'any' ? '' : ` -i ${access.initiator}`;
  const environment = chapEnvironment(access.chap ?? plan.discoveryChap);
  const lun = target.units[0]?.lun;
  const url = lun === undefined ? undefined : quote(`iscsi://${portal}/${target.name}/${lun}`);
  const withUnits = isPublished ? '' : ' -s';
  const commands = [`${discoveryEnvironment(plan, access)}iscsi-ls${initiator}${withUnits} ${quote(`iscsi://${portal}`)}`];
  if (url !== undefined) {
    commands.push(`${environment}iscsi-inq${initiator} ${url}`);
    commands.push(access.initiator === 'any' ? `${environment}qemu-img info ${url}` : qemuAs(access, target, portal, lun!));
  }
  return [...commands, ...openIscsi(access, target, portal, plan.discoveryChap === undefined && !isPublished)];
}

/** iscsi-ls logs in to discovery and then to each target the same way; told of a name for the target, it wants to see it at discovery too. */
function discoveryEnvironment(plan: ArrayPlan, access: AccessPlan): string {
  const chap = access.chap ?? plan.discoveryChap;
  return chapEnvironment(chap === undefined ? undefined : { ...chap, mutual: plan.discoveryChap?.mutual });
}

/** libiscsi, and QEMU over it, take CHAP names and secrets from these variables. */
function chapEnvironment(chap: ChapPlan | undefined): string {
  if (chap === undefined) return '';
  const mutual =
    chap.mutual === undefined
      ? ''
      : `LIBISCSI_CHAP_TARGET_USERNAME=${quote(chap.mutual.user)} LIBISCSI_CHAP_TARGET_PASSWORD=${placeholder(chap.mutual)} `;
  return `LIBISCSI_CHAP_USERNAME=${quote(chap.user)} LIBISCSI_CHAP_PASSWORD=${placeholder(chap)} ${mutual}`;
}

/** QEMU takes the initiator's name as an option only, and then the user too. */
function qemuAs(access: AccessPlan, target: TargetPlan, portal: string, lun: number): string {
  const { chap } = access;
  const options = [
    'driver=iscsi',
    'transport=tcp',
    `portal=${portal}`,
    `target=${target.name}`,
    `lun=${lun}`,
    `initiator-name=${access.initiator}`,
  ];
  if (chap === undefined) return `qemu-img info --image-opts ${quote(options.join(','))}`;
  options.push(`user=${chap.user}`, 'password-secret=chap');
  const source = chap.secret.kind === 'env' ? `data="$${chap.secret.name}"` : `file=${quote(chap.secret.path)}`;
  return `qemu-img info --object secret,id=chap,${source} --image-opts ${quote(options.join(','))}`;
}

/** Linux' own initiator; asks for root. */
function openIscsi(access: AccessPlan, target: TargetPlan, portal: string, discovers: boolean): string[] {
  const node = `sudo iscsiadm -m node -T ${target.name} -p ${quote(portal)}`;
  const { chap } = access;
  const commands = [discovers ? `sudo iscsiadm -m discovery -t sendtargets -p ${quote(portal)}` : `${node} -o new`];
  if (chap !== undefined) {
    const settings: [string, string][] = [
      ['authmethod', 'CHAP'],
      ['username', quote(chap.user)],
      ['password', placeholder(chap)],
    ];
    if (chap.mutual !== undefined) settings.push(['username_in', quote(chap.mutual.user)], ['password_in', placeholder(chap.mutual)]);
    commands.push(`${node} -o update ${settings.map(([name, value]) => `-n node.session.auth.${name} -v ${value}`).join(' ')}`);
  }
  return [...commands, `${node} --login`];
}

const placeholder = ({ secret }: ChapIdentityPlan): string =>
  secret.kind === 'env' ? `"$${secret.name}"` : `"$(cat ${quote(secret.path)})"`;

/** From this machine, "every address" is reached on loopback. */
const reachable = (portal: string): string => portal.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');

/** As one word of a shell. */
export const quote = (word: string): string => (/^[A-Za-z0-9_.,:/=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
