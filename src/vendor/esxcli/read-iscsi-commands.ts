/** What commands of `esxcli iscsi` set. */
import { bitsOfMask } from '../core/netmask.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { parseIscsiName } from '../../fabric/iscsi-name.ts';
import { formatIp } from '../../wire/ip/address.ts';
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { secretOf } from '../core/secret.ts';
import { settingFor } from './iscsi-parameters.ts';
import type { Options, Told } from './shell.ts';

const MISSING = 'An option that it needs is missing or makes no sense.';

export const isIscsiCommand = (path: string): boolean => path.startsWith('iscsi ');

/** `10.0.0.1`, `10.0.0.1:3260`, `[2001:db8::1]:3260`: always with the port. Undefined: none of them. */
export function portalOf(written: string | undefined): string | undefined {
  if (written === undefined || written === '' || written.length > 300 || /\s/.test(written)) return undefined;
  if (/^\[[^\]]+\](?::\d{1,5})?$/.test(written)) return written.endsWith(']') ? `${written}:3260` : written;
  const colons = written.split(':').length - 1;
  if (colons > 1) return `[${written}]:3260`;
  return colons === 1 ? written : `${written}:3260`;
}

export function readIscsiCommand(found: Found, line: Line, path: string, options: Options): Told {
  if (path === 'iscsi software set') return options.take('enabled', 'e') === undefined ? MISSING : (options.take('name', 'n'), true);
  if (path.endsWith(' remove')) return 'It takes something away: only what is set is read here.';
  const adapter = options.take('adapter', 'A');
  if (adapter === undefined) return '';
  const place = ['iscsi', adapter];
  switch (path) {
    case 'iscsi adapter set':
      return readAdapter(found, line, place, options);
    case 'iscsi networkportal add': {
      const nic = options.take('nic', 'n');
      options.take('force', 'f');
      if (nic === undefined) return MISSING;
      found.add(line, [...place, 'portBinding'], nic);
      return true;
    }
    case 'iscsi networkportal ipconfig set':
      return readAddress(found, line, place, options);
    case 'iscsi adapter discovery sendtarget add':
    case 'iscsi adapter discovery sendtarget auth chap set':
    case 'iscsi adapter discovery sendtarget param set': {
      const server = portalOf(options.take('address', 'a'));
      return server === undefined ? MISSING : readBelow(found, line, [...place, 'discovery', server], path, options);
    }
    case 'iscsi adapter discovery statictarget add':
    case 'iscsi adapter target portal auth chap set':
    case 'iscsi adapter target portal param set': {
      const address = portalOf(options.take('address', 'a'));
      const name = parseIscsiName(options.take('name', 'n') ?? '');
      if (address === undefined || isMistake(name)) return MISSING;
      const target = [...place, 'targets', name.value];
      found.say(line, [...target, 'address'], address);
      return readBelow(found, line, target, path, options);
    }
    case 'iscsi adapter auth chap set':
    case 'iscsi adapter param set':
      return readBelow(found, line, place, path, options);
    default:
      return '';
  }
}

function readBelow(found: Found, line: Line, place: readonly string[], path: string, options: Options): Told {
  if (path.endsWith(' add')) {
    found.say(line, [...place, 'present'], true);
    return true;
  }
  return path.endsWith('chap set') ? readChap(found, line, place, options) : readParameter(found, line, place, options);
}

function readAdapter(found: Found, line: Line, place: readonly string[], options: Options): Told {
  const name = options.take('name', 'n');
  const alias = options.take('alias', 'a');
  options.take('skip-if-sessions-active', 's');
  const parsed = name === undefined ? undefined : parseIscsiName(name);
  if (parsed !== undefined && isMistake(parsed)) return `${parsed.wrong} ${parsed.remedy}`;
  if (parsed !== undefined) found.say(line, [...place, 'initiator'], parsed.value);
  if (alias !== undefined) found.say(line, [...place, 'alias'], alias);
  return name !== undefined || alias !== undefined ? true : MISSING;
}

/** Only a card that does all of it has an address of its own. */
function readAddress(found: Found, line: Line, place: readonly string[], options: Options): Told {
  const parsed = parseInterfaceAddress(`${options.take('ip', 'i')}/${bitsOfMask(options.take('subnet', 's') ?? '')}`);
  if (isMistake(parsed)) return MISSING;
  found.say(line, [...place, 'kind'], 'independent');
  found.say(line, [...place, 'address'], `${formatIp(parsed.value.address)}/${parsed.value.bits}`);
  return true;
}

/** A secret that stands there itself is nobody's business: only that there is one shows. */
function readChap(found: Found, line: Line, place: readonly string[], options: Options): Told {
  const isMutual = options.take('direction', 'd') === 'mutual';
  const key = [...place, 'chap', ...(isMutual ? ['mutual'] : [])];
  const level = options.take('level', 'l');
  const user = options.take('authname', 'N');
  const secret = options.take('secret', 'S');
  if (level === 'prohibited') return true;
  if (user === undefined) return MISSING;
  found.say(line, [...key, 'user'], user);
  const whose = secret === undefined ? undefined : secretOf(secret);
  if (whose !== undefined) found.say(line, [...key, 'secret'], whose);
  return true;
}

function readParameter(found: Found, line: Line, place: readonly string[], options: Options): Told {
  const name = options.take('key', 'k');
  const value = options.take('value', 'v');
  if (name === undefined || value === undefined) return MISSING;
  const known = settingFor(name, value);
  if (known === undefined) return 'The fabric file has no word for this parameter, or not for this value.';
  found.say(line, [...place, 'settings', known.setting], known.value);
  return true;
}
