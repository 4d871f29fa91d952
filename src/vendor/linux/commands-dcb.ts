/** `dcb pfc|ets|app|dcbx|buffer set ...` (dcb(8) of iproute2 6.1). */
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import type { Protocol } from '../core/protocols.ts';
import { type EtsClass, tellApplication, tellBuffer, tellClasses, tellDcbx, tellPfc, tellWilling } from './dcb-words.ts';

export interface Command {
  readonly line: Line;
  readonly program: string;
  /** Without the program. */
  readonly words: readonly string[];
}

export function readDcb(found: Found, { line, words: all }: Command): boolean {
  const words = all.filter((word) => !word.startsWith('-'));
  const [object, verb, dev, nic, ...rest] = words;
  if (verb === 'show') return true;
  if (dev !== 'dev' || nic === undefined) return false;
  const parameters = parametersOf(rest);
  if (object === 'dcbx' && verb === 'set') {
    const flags = new Set(rest);
    tellDcbx(found, line.number, nic, {
      host: flags.has('host'),
      device: flags.has('lld-managed'),
      cee: flags.has('cee'),
      ieee: flags.has('ieee'),
      isStatic: flags.has('static'),
    });
    return rest.every((flag) => ['host', 'lld-managed', 'cee', 'ieee', 'static'].includes(flag));
  }
  if (parameters === undefined) return false;
  if (object === 'pfc' && verb === 'set') return readPfc(found, line.number, nic, parameters);
  if (object === 'ets' && verb === 'set') return readEts(found, line.number, nic, parameters);
  if (object === 'app' && (verb === 'add' || verb === 'replace')) return readApplications(found, line.number, nic, parameters);
  return object === 'buffer' && verb === 'set' && readBuffers(found, line.number, nic, parameters);
}

type Entry = readonly [index: string, value: string];
type Parameters = ReadonlyMap<string, readonly Entry[]>;

/** `prio-pfc all:off 3:on willing on`: a name, and then what belongs to it. Undefined: it goes otherwise. */
function parametersOf(words: readonly string[]): Parameters | undefined {
  const parameters = new Map<string, Entry[]>();
  let entries: Entry[] | undefined;
  for (const word of words) {
    const pair = /^(all|0x[0-9a-fA-F]{1,4}|\d{1,5}):([\w.]{1,16})$/.exec(word);
    if (pair !== null) {
      if (entries === undefined) return undefined;
      entries.push([pair[1]!, pair[2]!]);
    } else if (/^(?:on|off|\d)$/.test(word)) {
      if (entries === undefined) return undefined;
      entries.push(['', word]);
    } else parameters.set(word, (entries = []));
  }
  return parameters;
}

/** Eight values; the later ones count. */
function eight(entries: readonly Entry[]): (string | undefined)[] {
  const values: (string | undefined)[] = Array.from({ length: 8 }, () => undefined);
  for (const [index, value] of entries)
    if (index === 'all') values.fill(value);
    else if (Number(index) < 8) values[Number(index)] = value;
  return values;
}

function readPfc(found: Found, line: number, nic: string, parameters: Parameters): boolean {
  const entries = parameters.get('prio-pfc');
  if (entries === undefined) return false;
  const known = found.value(['nics', nic, 'dcb', 'pfc']);
  const before = Array.isArray(known) ? known.map(Number) : [];
  tellPfc(
    found,
    line,
    nic,
    eight(entries).flatMap((value, priority) => (value === 'on' || (value === undefined && before.includes(priority)) ? [priority] : [])),
  );
  return [...parameters.keys()].every((name) => name === 'prio-pfc' || name === 'delay' || name === 'macsec-bypass');
}

function readEts(found: Found, line: number, nic: string, parameters: Parameters): boolean {
  const willing = parameters.get('willing')?.[0]?.[1];
  if (willing !== undefined) tellWilling(found, line, nic, willing === 'on');
  const algorithms = eight(parameters.get('tc-tsa') ?? []);
  const shares = eight(parameters.get('tc-bw') ?? []);
  const classes = eight(parameters.get('prio-tc') ?? []);
  const made: EtsClass[] = [];
  for (let number = 0; number < 8; number += 1)
    made.push({
      number,
      priorities: classes.flatMap((value, priority) => (value === `${number}` ? [priority] : [])),
      algorithm: algorithms[number],
      bandwidth: shares[number] === undefined ? undefined : Number(shares[number]),
    });
  tellClasses(found, line, nic, made);
  return [...parameters.keys()].every((name) => ['willing', 'tc-tsa', 'tc-bw', 'prio-tc'].includes(name));
}

const SELECTORS: Readonly<Record<string, Protocol['selector']>> = {
  'ethtype-prio': 'ethertype',
  'stream-port-prio': 'tcp',
  'dgram-port-prio': 'udp',
  'port-prio': 'port',
  'dscp-prio': 'dscp',
  'default-prio': 'default',
};

function readApplications(found: Found, line: number, nic: string, parameters: Parameters): boolean {
  for (const [name, entries] of parameters) {
    const selector = Object.hasOwn(SELECTORS, name) ? SELECTORS[name] : undefined;
    if (selector === undefined) return false;
    for (const [index, value] of entries) {
      if (!/^[0-7]$/.test(value) || index === 'all') return false;
      tellApplication(found, line, nic, { selector, number: Number(index === '' ? 0 : index) }, Number(value));
    }
  }
  return true;
}

/** Sizes as `dcb` takes them: bytes, or with `b`, `k`, `kB`. */
function bytesOf(written: string): number | undefined {
  const match = /^(\d{1,9})(b|k|kb|m|mb)?$/i.exec(written);
  if (match === null) return undefined;
  const unit = (match[2] ?? 'b').toLowerCase();
  return Number(match[1]) * (unit.startsWith('k') ? 1024 : unit.startsWith('m') ? 1024 ** 2 : 1);
}

function readBuffers(found: Found, line: number, nic: string, parameters: Parameters): boolean {
  const map = eight(parameters.get('prio-buffer') ?? []);
  const sizes = eight(parameters.get('buffer-size') ?? []).map((size) => (size === undefined ? undefined : bytesOf(size)));
  for (let number = 0; number < 8; number += 1) {
    const priorities = map.flatMap((value, priority) => (value === `${number}` ? [priority] : []));
    if (priorities.length > 0 || sizes[number] !== undefined)
      tellBuffer(found, line, nic, number, priorities.length > 0 ? priorities : undefined, sizes[number], false);
  }
  return [...parameters.keys()].every((name) => name === 'prio-buffer' || name === 'buffer-size');
}
