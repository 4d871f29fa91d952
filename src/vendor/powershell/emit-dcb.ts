/** Data Center Bridging and policies as cmdlets: willing, traffic classes, PFC, what traffic gets which priority. */
import type { Emission } from '../core/emission.ts';
import { ALL_PRIORITIES, classTitle } from './classes.ts';
import { quoted } from './words.ts';

type Key = readonly string[];

const PER_PORT = 'For single adapters from Windows Server 2016 on; what is set for one goes before what is set for all.';

export function emitDcb(emission: Emission): void {
  const isAbout = emission.node.settings.some(({ key }) => key[0] === 'policies' || key.includes('dcb'));
  if (isAbout)
    emission.command('Install-WindowsFeature -Name Data-Center-Bridging', undefined, 'Without it the cmdlets below do not exist.');
  emitPlace(emission, ['dcb'], undefined);
  for (const nic of emission.names('nics')) {
    const place = ['nics', nic, 'dcb'];
    if (!emission.has(...place)) continue;
    emitPlace(emission, place, emission.device(nic));
    const needs = (emission.peek(...place, 'pfc') as readonly number[] | undefined)?.length ?? 0;
    if (needs > 0 || emission.has(...place, 'classes')) {
      const from =
        emission.setting(...place, 'pfc') ?? emission.setting(...place, 'classes', emission.names(...place, 'classes')[0]!, 'priorities');
      emission.command(`Enable-NetAdapterQos -Name ${quoted(emission.device(nic))}`, from);
      emission.verify(`Get-NetAdapterQos -Name ${quoted(emission.device(nic))}`, 'Enabled                    : True');
    }
  }
  emitPolicies(emission);
}

/** `alias`: of one adapter; undefined: of all. */
function emitPlace(emission: Emission, place: Key, alias: string | undefined): void {
  const where = alias === undefined ? '' : ` -InterfaceAlias ${quoted(alias)}`;
  const note = alias === undefined ? undefined : PER_PORT;
  const sameAsAll = (...key: Key): boolean =>
    alias !== undefined && JSON.stringify(emission.peek('dcb', ...key)) === JSON.stringify(emission.peek(...place, ...key));
  const willing = emission.take(...place, 'willing');
  if (willing !== undefined && !sameAsAll('willing'))
    emission.command(`Set-NetQosDcbxSetting -Willing $${String(willing.value)}${where} -Confirm:$false`, willing, note);

  if (alias === undefined || !sameClasses(emission, place)) emitClasses(emission, place, where, note);
  else for (const number of emission.names(...place, 'classes')) takeClass(emission, [...place, 'classes', number], 'dcb');

  const pfc = emission.take(...place, 'pfc');
  if (pfc !== undefined && !sameAsAll('pfc')) {
    const on = pfc.value as readonly number[];
    const off = ALL_PRIORITIES.filter((priority) => !on.includes(priority));
    if (off.length > 0) emission.command(`Disable-NetQosFlowControl -Priority ${off.join(',')}${where}`, pfc, note);
    if (on.length > 0) emission.command(`Enable-NetQosFlowControl -Priority ${on.join(',')}${where}`, pfc, note);
    emission.verify(`Get-NetQosFlowControl${where}`, ...on.map((priority) => `${priority}          True`));
  }
  emission.refuse('Windows speaks the DCBX of IEEE 802.1Qaz, as the adapter has it: it cannot be chosen.', ...place, 'dcbx');
  emission.refuse(
    'Whose DCBX answers is set in the adapter (Mellanox: the property DcbxMode; QLogic: its pages in the setup of the machine).',
    ...place,
    'agents',
  );
  emission.refuse('Only drivers have a word for it.', ...place, 'trust');
  emission.refuseAll('Windows says it by policies (`policies`).', ...place, 'applications');
  for (const part of ['dscp', 'buffers', 'marks'])
    emission.refuseAll('Windows has no cmdlet for it; some drivers have a property.', ...place, part);
}

/** Host and port say the same of all classes. */
function sameClasses(emission: Emission, place: Key): boolean {
  const text = (at: Key): string =>
    JSON.stringify(
      emission
        .names(...at, 'classes')
        .map((number) => [
          number,
          ...['priorities', 'bandwidth', 'strict', 'name'].map((name) => emission.peek(...at, 'classes', number, name) ?? null),
        ]),
    );
  return text(place) === text(['dcb']);
}

/** What the port has from the host is said there, or refused there. */
function takeClass(emission: Emission, key: Key, outer: string): void {
  for (const name of ['priorities', 'bandwidth', 'strict', 'name'])
    if (emission.isRefused(outer, 'classes', key.at(-1)!, name)) emission.refuse('As for the whole machine.', ...key, name);
    else emission.take(...key, name);
}

function emitClasses(emission: Emission, place: Key, where: string, note: string | undefined): void {
  const numbers = emission.names(...place, 'classes');
  const rest = numbers.includes('0') && isRest(emission, place, numbers) ? '0' : undefined;
  for (const number of numbers) {
    const key = [...place, 'classes', number];
    const priorities = (emission.peek(...key, 'priorities') ?? []) as readonly number[];
    const strict = emission.peek(...key, 'strict') === true;
    const bandwidth = emission.peek(...key, 'bandwidth');
    if (number === rest) {
      // Windows' own class has what is left.
      emission.take(...key, 'priorities');
      emission.take(...key, 'bandwidth');
      emission.refuse('Windows calls its own class [Default].', ...key, 'name');
      continue;
    }
    if (priorities.length === 0 || (!strict && (typeof bandwidth !== 'number' || bandwidth < 1 || bandwidth > 99))) {
      emission.refuseAll('A class of Windows has a priority, and a share from 1 to 99 % unless it is strict.', ...key);
      continue;
    }
    const name = emission.take(...key, 'name')?.value as string | undefined;
    const from = emission.take(...key, 'priorities');
    emission.take(...key, 'strict');
    if (strict) emission.refuse('A strict class has no share.', ...key, 'bandwidth');
    else emission.take(...key, 'bandwidth');
    const title = quoted(classTitle(Number(number), priorities, name));
    const share = strict ? '-Algorithm Strict' : `-BandwidthPercentage ${bandwidth as number} -Algorithm ETS`;
    emission.command(`New-NetQosTrafficClass -Name ${title} -Priority ${priorities.join(',')} ${share}${where}`, from, note);
  }
  if (numbers.length > 0) emission.verify(`Get-NetQosTrafficClass${where}`);
}

function isRest(emission: Emission, place: Key, numbers: readonly string[]): boolean {
  const others = numbers.filter((number) => number !== '0').map((number) => [...place, 'classes', number]);
  const taken = others.flatMap((key) => (emission.peek(...key, 'priorities') ?? []) as readonly number[]);
  const left = ALL_PRIORITIES.filter((priority) => !taken.includes(priority));
  const shares = others.map((key) => (emission.peek(...key, 'strict') === true ? 0 : Number(emission.peek(...key, 'bandwidth') ?? 0)));
  const own = [...place, 'classes', '0'];
  const bandwidth = emission.peek(...own, 'bandwidth');
  return (
    others.length > 0 &&
    emission.peek(...own, 'strict') !== true &&
    JSON.stringify(emission.peek(...own, 'priorities')) === JSON.stringify(left) &&
    bandwidth === 100 - shares.reduce((sum, share) => sum + share, 0)
  );
}

const TEMPLATES: Readonly<Record<string, string>> = {
  default: '-Default',
  smb: '-SMB',
  iscsi: '-iSCSI',
  nfs: '-NFS',
  fcoe: '-FCOE',
  'live-migration': '-LiveMigration',
  cluster: '-Cluster',
  tcp: '-IPProtocolMatchCondition TCP',
  udp: '-IPProtocolMatchCondition UDP',
};

function conditionOf(match: string): string | undefined {
  if (TEMPLATES[match] !== undefined) return TEMPLATES[match];
  const [kind, port] = match.split(':') as [string, string?];
  if (kind === 'net-direct') return `-NetDirectPortMatchCondition ${port}`;
  if (kind === 'port') return `-IPPortMatchCondition ${port}`;
  return kind === 'tcp' || kind === 'udp' ? `-IPProtocolMatchCondition ${kind.toUpperCase()} -IPPortMatchCondition ${port}` : undefined;
}

function emitPolicies(emission: Emission): void {
  for (const name of emission.names('policies')) {
    const place = ['policies', name];
    const condition = conditionOf(String(emission.peek(...place, 'match')));
    if (condition === undefined) {
      emission.refuseAll('A policy of Windows matches ports, protocols and what it has templates for.', ...place);
      continue;
    }
    const from = emission.take(...place, 'match');
    const priority = emission.take(...place, 'priority');
    const words = [priority === undefined ? '' : ` -PriorityValue8021Action ${String(priority.value)}`];
    if (/^-(?:NetDirect|FCOE)/.test(condition)) emission.refuse('A policy for NetDirect or FCoE has no DSCP.', ...place, 'dscp');
    const dscp = emission.take(...place, 'dscp');
    if (dscp !== undefined) words.push(` -DSCPAction ${String(dscp.value)}`);
    emission.command(`New-NetQosPolicy -Name ${quoted(name)} ${condition}${words.join('')} -Confirm:$false`, from);
  }
  if (emission.names('policies').length > 0) emission.verify('Get-NetQosPolicy', ...emission.names('policies').map((name) => `: ${name}`));
}
