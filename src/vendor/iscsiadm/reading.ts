/** What open-iscsi's outputs tell, in the words of the fabric file. */
import { isMistake } from '../../fabric/parsed.ts';
import { ISCSI_PORT, parseConnectAddress } from '../../fabric/address.ts';
import { addressText } from '../core/declared-storage.ts';
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { secretOf } from '../core/secret.ts';
import { BUILT_IN, parameterNamed, parameterOf } from './parameters.ts';

type Key = readonly string[];

export const says = (key: Key): boolean => {
  if (key[0] !== 'iscsi') return false;
  const place = key[2] === 'discovery' || key[2] === 'targets' ? key.slice(4) : key.slice(2);
  if (key[2] === 'targets' && place[0] === 'address') return true;
  if (place[0] === 'settings') return parameterOf(place[1] ?? '') !== undefined;
  if (place[0] === 'chap' || place[0] === 'present') return true;
  return key.length === 3 && ['initiator', 'alias', 'kind', 'transport', 'nic'].includes(key[2]!);
};

/** `10.0.8.252:3260`, `[2001:db8::1]:3260`, with the usual port where none is said; undefined: no address. */
export function serverOf(text: string): string | undefined {
  const parsed = parseConnectAddress(text);
  return isMistake(parsed) ? undefined : addressText({ host: parsed.value.host, port: parsed.value.port ?? ISCSI_PORT });
}

/** An interface record is an adapter. */
export function tellAdapter(found: Found, line: Line, name: string): void {
  if (found.value(['iscsi', name, 'kind']) !== undefined) return;
  found.say(line, ['iscsi', name, 'kind'], 'software', true);
  const builtIn = BUILT_IN[name];
  if (builtIn !== undefined) found.say(line, ['iscsi', name, 'transport'], builtIn, builtIn === 'tcp');
}

/** Undefined: done. Else why not. `secret` says that the value is one, and must not be shown. */
export function tellParameter(found: Found, line: Line, key: Key, name: string, value: string): string | undefined {
  const chap = /^(?:node\.session|discovery\.sendtargets)\.auth\.(username|password|authmethod)(_in)?$/.exec(name);
  if (chap !== null) return tellChap(found, line, [...key, 'chap', ...(chap[2] === undefined ? [] : ['mutual'])], chap[1]!, value);
  const parameter = parameterNamed(name);
  if (parameter === undefined) return 'The fabric file has no such setting of an adapter.';
  const read = parameter.read(value);
  if (read === undefined) return `\`${value.slice(0, 40)}\` is no value of it.`;
  found.say(line, [...key, 'settings', parameter.setting], read);
  return undefined;
}

function tellChap(found: Found, line: Line, key: Key, what: string, value: string): string | undefined {
  if (what === 'authmethod') return /^(?:CHAP|None)$/.test(value) ? undefined : 'The fabric file has no such way to prove who one is.';
  if (what === 'username') found.say(line, [...key, 'user'], value);
  else {
    // A secret itself is nobody's business here.
    const whose = secretOf(value);
    if (whose !== undefined) found.say(line, [...key, 'secret'], whose);
  }
  return undefined;
}
