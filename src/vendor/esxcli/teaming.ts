/** Teaming and security policies of standard switches and their port groups: as commands, and back. */
import { shellQuoted } from '../core/shell-words.ts';
import type { Found } from '../core/found.ts';
import type { Emission } from '../core/emission.ts';
import type { Line } from '../core/lines.ts';
import type { Setting } from '../core/setting.ts';
import { type Options, yesOf } from './shell.ts';

type Key = readonly string[];

const MODES: Readonly<Record<string, string>> = {
  'port-id': 'portid',
  'source-mac': 'mac',
  'ip-hash': 'iphash',
  'active-backup': 'explicit',
};
const MODE_OF: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(MODES).map(([mode, word]) => [word, mode]));

const NOT_OF_STANDARD = 'A standard switch of ESXi does not have it.';

/** `command`: up to the name of what it is of. `uplinks`: those of the switch. Undefined `uplinks`: only what is declared is said. */
export function emitTeaming(emission: Emission, place: Key, command: string, uplinks: Setting | undefined, isGroup: boolean): void {
  const words: string[] = [];
  let from: Setting | undefined;
  const say = (option: string, value: string, setting: Setting | undefined): void => {
    from ??= setting;
    words.push(`--${option}=${value}`);
  };
  const mode = MODES[String(emission.peek(...place, 'mode'))];
  if (mode === undefined)
    emission.refuse('A standard switch knows the port, the MAC address, the IP hash and the explicit order.', ...place, 'mode');
  else say('load-balancing', mode, emission.take(...place, 'mode'));

  const names = (list: readonly string[]): string => list.map((port) => shellQuoted(emission.device(port))).join(',');
  const ports = (uplinks?.value ?? []) as readonly string[];
  const list = (name: string): readonly string[] => (emission.peek(...place, name) ?? []) as readonly string[];
  const listed = ['active', 'standby', 'unused'].some((name) => emission.has(...place, name));
  const active = emission.has(...place, 'active')
    ? list('active')
    : ports.filter((port) => !list('standby').includes(port) && !list('unused').includes(port));
  if (listed || (!isGroup && ports.length > 0)) {
    // An uplink that is added is not in use before the policy names it.
    if (active.length > 0) say('active-uplinks', names(active), emission.take(...place, 'active') ?? uplinks);
    if (list('standby').length > 0) say('standby-uplinks', names(list('standby')), emission.take(...place, 'standby'));
    const rest = ports.filter((port) => !active.includes(port) && !list('standby').includes(port));
    if (JSON.stringify(rest) === JSON.stringify(list('unused'))) emission.take(...place, 'unused');
    else emission.refuse('Unused are the uplinks that are neither active nor standby, in the order of the switch.', ...place, 'unused');
  }
  const detection = emission.peek(...place, 'detection');
  if (detection === 'link' || detection === 'beacon') say('failure-detection', detection, emission.take(...place, 'detection'));
  for (const [name, option] of [
    ['failback', 'failback'],
    ['notifySwitches', 'notify-switches'],
  ] as const) {
    const setting = emission.take(...place, name);
    if (setting !== undefined) say(option, String(setting.value), setting);
  }
  for (const name of ['detection', 'hash', 'lacpRate', 'lacpActive']) emission.refuse(NOT_OF_STANDARD, ...place, name);
  if (words.length > 0) emission.command(`${command} ${words.join(' ')}`, from);
}

const SECURITY = [
  ['promiscuous', 'allow-promiscuous', 'p', 'o'],
  ['macChanges', 'allow-mac-change', 'm', 'm'],
  ['forgedTransmits', 'allow-forged-transmits', 'f', 'f'],
] as const;

export function emitSecurity(emission: Emission, place: Key, command: string): void {
  const said = SECURITY.flatMap(([name, option]) => {
    const setting = emission.take(...place, name);
    return setting === undefined ? [] : [{ setting, word: `--${option}=${String(setting.value)}` }];
  });
  if (said.length > 0) emission.command(`${command} ${said.map(({ word }) => word).join(' ')}`, said[0]!.setting);
}

export function readTeaming(found: Found, line: Line, place: Key, options: Options, uplinks: readonly string[]): boolean {
  const load = options.take('load-balancing', 'l');
  if (load !== undefined) {
    if (MODE_OF[load] === undefined) return false;
    found.say(line, [...place, 'mode'], MODE_OF[load]!);
  }
  const active = options.take('active-uplinks', 'a')?.split(',');
  const standby = options.take('standby-uplinks', 's')?.split(',');
  if (active !== undefined) found.say(line, [...place, 'active'], active);
  if (standby !== undefined) found.say(line, [...place, 'standby'], standby);
  if (active !== undefined) sayUnused(found, line, place, uplinks, [...active, ...(standby ?? [])]);
  const detection = options.take('failure-detection', 'f');
  if (detection !== undefined) {
    if (detection !== 'link' && detection !== 'beacon') return false;
    found.say(line, [...place, 'detection'], detection);
  }
  for (const [name, option, short] of [
    ['failback', 'failback', 'b'],
    ['notifySwitches', 'notify-switches', 'n'],
  ] as const) {
    const written = options.take(option, short);
    const yes = yesOf(written);
    if (written !== undefined && yes === undefined) return false;
    if (yes !== undefined) found.say(line, [...place, name], yes);
  }
  return true;
}

function sayUnused(found: Found, line: Line, place: Key, uplinks: readonly string[], used: readonly string[]): void {
  const unused = uplinks.filter((port) => !used.includes(port));
  if (unused.length > 0) found.say(line, [...place, 'unused'], unused, true);
}

export function readSecurity(found: Found, line: Line, place: Key, options: Options, ofGroup: boolean): boolean {
  for (const [name, option, short, groupShort] of SECURITY) {
    const written = options.take(option, ofGroup ? groupShort : short);
    const yes = yesOf(written);
    if (written !== undefined && yes === undefined) return false;
    if (yes !== undefined) found.say(line, [...place, name], yes);
  }
  return true;
}
