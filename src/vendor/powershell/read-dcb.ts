/** What cmdlets of Data Center Bridging set. */
import type { Found } from '../core/found.ts';
import { ALL_PRIORITIES, classOfTitle } from './classes.ts';
import type { Handler } from './handler.ts';
import { numberOf, yesOf } from './words.ts';

type Key = readonly string[];

const MISSING = 'A parameter that it needs is missing or makes no sense.';

/** Of one adapter, or of all. */
const dcbPlace = (alias: string | undefined): Key => (alias === undefined ? ['dcb'] : ['nics', alias, 'dcb']);

function prioritiesOf(values: readonly string[] | undefined): number[] | undefined {
  const numbers = values?.map((value) => numberOf(value, 0, 7));
  return numbers === undefined || numbers.includes(undefined) ? undefined : (numbers as number[]).toSorted((one, other) => one - other);
}

const flowControl =
  (on: boolean): Handler =>
  ({ found }, line, parameters) => {
    const priorities = prioritiesOf(parameters.list('Priority') ?? parameters.at(0));
    const place = [...dcbPlace(parameters.one('InterfaceAlias')), 'pfc'];
    if (priorities === undefined) return MISSING;
    const before = (found.value(place) ?? []) as readonly number[];
    found.say(
      line,
      place,
      ALL_PRIORITIES.filter((priority) => (priorities.includes(priority) ? on : before.includes(priority))),
    );
    return true;
  };

/** `adapterQos`: whether the adapter has any of it. */
const adapterQos =
  (on: boolean): Handler =>
  ({ found }, line, parameters) => {
    const aliases = parameters.list('Name', 'InterfaceAlias') ?? parameters.at(0);
    if (aliases === undefined) return MISSING;
    if (!on) for (const alias of aliases) found.say(line, ['nics', alias, 'dcb', 'pfc'], []);
    return true;
  };

function forget(found: Found, place: Key): void {
  for (const { key } of found.settings) if (place.every((step, index) => key[index] === step)) found.forget(key);
}

export const DCB_CMDLETS: Readonly<Record<string, Handler>> = {
  'set-netqosdcbxsetting': ({ found }, line, parameters) => {
    const willing = yesOf(parameters.one('Willing', 0));
    if (willing === undefined) return MISSING;
    found.say(line, [...dcbPlace(parameters.one('InterfaceAlias')), 'willing'], willing);
    return true;
  },
  'enable-netqosflowcontrol': flowControl(true),
  'disable-netqosflowcontrol': flowControl(false),
  'enable-netadapterqos': adapterQos(true),
  'disable-netadapterqos': adapterQos(false),
  'new-netqostrafficclass': ({ found }, line, parameters) => {
    const title = parameters.one('Name', 0);
    const priorities = prioritiesOf(parameters.list('Priority'));
    const algorithm = parameters.one('Algorithm')?.toLowerCase();
    const bandwidth = parameters.one('BandwidthPercentage');
    if (title === undefined || priorities === undefined || (algorithm !== 'ets' && algorithm !== 'strict')) return MISSING;
    const share = numberOf(bandwidth, 1, 100);
    if (bandwidth !== undefined && share === undefined) return MISSING;
    sayClass(found, line, dcbPlace(parameters.one('InterfaceAlias')), { title, priorities, share, strict: algorithm === 'strict' });
    return true;
  },
  'remove-netqostrafficclass': ({ found }, _line, parameters) => {
    const title = parameters.one('Name', 0);
    if (title !== undefined && title !== '*') return `It takes ${title.slice(0, 64)} away: only what is set is read here.`;
    forget(found, ['dcb', 'classes']);
    return true;
  },
  'remove-netqospolicy': ({ found }, _line, parameters) => {
    const name = parameters.one('Name', 0);
    parameters.one('PolicyStore');
    forget(found, name === undefined || name === '*' ? ['policies'] : ['policies', name]);
    return true;
  },
  'new-netqospolicy': ({ found }, line, parameters) => {
    const name = parameters.one('Name', 0);
    // The active store is that of the running system: what is in it may not be there after the next start.
    parameters.one('PolicyStore');
    parameters.one('NetworkProfile');
    const match = matchOf((parameter) => parameters.one(parameter));
    if (name === undefined || match === undefined) return MISSING;
    found.say(line, ['policies', name, 'match'], match);
    for (const [parameter, setting, most] of [
      ['PriorityValue8021Action', 'priority', 7],
      ['DSCPAction', 'dscp', 63],
    ] as const) {
      const written = parameters.one(parameter);
      const value = numberOf(written, 0, most);
      if (written !== undefined && value === undefined) return MISSING;
      if (value !== undefined) found.say(line, ['policies', name, setting], value);
    }
    return true;
  },
};

const TEMPLATES: Readonly<Record<string, string>> = {
  Default: 'default',
  SMB: 'smb',
  iSCSI: 'iscsi',
  NFS: 'nfs',
  FCOE: 'fcoe',
  LiveMigration: 'live-migration',
  Cluster: 'cluster',
};

/** `take`: a condition by its parameter. */
export function matchOf(take: (parameter: string) => string | undefined): string | undefined {
  for (const [parameter, match] of Object.entries(TEMPLATES)) if (take(parameter) !== undefined) return match;
  const direct = numberOf(take('NetDirectPortMatchCondition'), 1, 65_535);
  if (direct !== undefined) return `net-direct:${direct}`;
  const protocol = take('IPProtocolMatchCondition')?.toLowerCase();
  const port = numberOf(take('IPPortMatchCondition') ?? take('IPDstPortMatchCondition'), 1, 65_535);
  if (protocol === 'tcp' || protocol === 'udp') return port === undefined ? protocol : `${protocol}:${port}`;
  return port === undefined ? undefined : `port:${port}`;
}

interface WindowsClass {
  readonly title: string;
  readonly priorities: readonly number[];
  readonly share: number | undefined;
  readonly strict: boolean;
}

/** Every class has a name on Windows, whether or not anybody wanted one. */
export function sayClass(found: Found, line: Parameters<Found['say']>[0], place: Key, one: WindowsClass): void {
  const { number, name } = classOfTitle(one.title, one.priorities);
  const key = [...place, 'classes', `${number}`];
  found.say(line, [...key, 'priorities'], one.priorities);
  if (one.strict) found.say(line, [...key, 'strict'], true);
  else if (one.share !== undefined) found.say(line, [...key, 'bandwidth'], one.share);
  if (name !== undefined) found.say(line, [...key, 'name'], name, true);
}
