/** What cmdlets of iSCSI and SMB set. */
import { isMistake } from '../../fabric/parsed.ts';
import { parseIscsiName } from '../../fabric/iscsi-name.ts';
import type { Line } from '../core/lines.ts';
import { secretOf } from '../core/secret.ts';
import type { Handler, ScriptState, Told } from './handler.ts';
import { numberOf, type Parameters, yesOf } from './words.ts';

const MISSING = 'A parameter that it needs is missing or makes no sense.';

function portalOf(parameters: Parameters): string | undefined {
  const address = parameters.one('TargetPortalAddress');
  const port = numberOf(parameters.one('TargetPortalPortNumber') ?? '3260', 1, 65_535);
  if (address === undefined || port === undefined || address === '' || /\s/.test(address)) return undefined;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** CHAP and digests of a portal or a target. A secret that stands there itself is not kept. */
function readSession(state: ScriptState, line: Line, key: readonly string[], parameters: Parameters): Told {
  const { found } = state;
  const type = parameters.one('AuthenticationType')?.toUpperCase();
  const user = parameters.one('ChapUsername');
  const secret = parameters.one('ChapSecret');
  if (type === 'ONEWAYCHAP' || type === 'MUTUALCHAP') {
    if (user !== undefined) found.say(line, [...key, 'chap', 'user'], user);
    const whose = secret === undefined ? undefined : secretOf(secret);
    if (whose !== undefined) found.say(line, [...key, 'chap', 'secret'], whose);
    if (type === 'MUTUALCHAP') state.mutual.push({ line, key: [...key, 'chap', 'mutual'] });
  } else if (type !== undefined && type !== 'NONE') return MISSING;
  for (const [parameter, setting] of [
    ['IsHeaderDigest', 'headerDigest'],
    ['IsDataDigest', 'dataDigest'],
  ] as const) {
    const yes = yesOf(parameters.one(parameter));
    if (yes !== undefined) found.say(line, [...key, 'settings', setting], yes ? ['crc32c'] : ['none']);
  }
  return true;
}

const smb: Handler = ({ found }, line, parameters) => {
  let told = false;
  for (const [parameter, setting] of [
    ['EnableMultiChannel', 'multichannel'],
    ['RequireSecuritySignature', 'signing'],
    ['EncryptData', 'encryption'],
  ] as const) {
    const yes = yesOf(parameters.one(parameter));
    if (yes === undefined) continue;
    found.say(line, ['smb', setting], yes);
    told = true;
  }
  return told || MISSING;
};

export const HOST_CMDLETS: Readonly<Record<string, Handler>> = {
  'set-initiatorport': ({ found, initiator }, line, parameters) => {
    parameters.one('NodeAddress', 0);
    const name = parseIscsiName(parameters.one('NewNodeAddress') ?? '');
    if (isMistake(name)) return MISSING;
    found.say(line, ['iscsi', initiator, 'initiator'], name.value);
    return true;
  },
  'set-iscsichapsecret': (state, _line, parameters) => {
    const secret = parameters.one('ChapSecret', 0);
    if (secret === undefined) return MISSING;
    state.mutualSecret = secretOf(secret);
    return true;
  },
  'new-iscsitargetportal': (state, line, parameters) => {
    const portal = portalOf(parameters);
    parameters.one('InitiatorInstanceName');
    if (portal === undefined) return MISSING;
    const key = ['iscsi', state.initiator, 'discovery', portal];
    state.found.say(line, [...key, 'present'], true);
    return readSession(state, line, key, parameters);
  },
  'connect-iscsitarget': (state, line, parameters) => {
    const name = parseIscsiName(parameters.one('NodeAddress', 0) ?? '');
    const portal = portalOf(parameters);
    for (const known of ['IsPersistent', 'IsMultipathEnabled', 'InitiatorInstanceName', 'InitiatorPortalAddress']) parameters.one(known);
    if (isMistake(name)) return `${name.wrong} ${name.remedy}`;
    const key = ['iscsi', state.initiator, 'targets', name.value];
    state.found.say(line, [...key, 'present'], true);
    if (portal !== undefined) state.found.say(line, [...key, 'address'], portal);
    return readSession(state, line, key, parameters);
  },
  'set-smbserverconfiguration': smb,
  'set-smbclientconfiguration': smb,
  'set-smbbandwidthlimit': ({ found }, line, parameters) => {
    const limit = /^(\d{1,6})MB$/i.exec(parameters.one('BytesPerSecond') ?? '');
    if (parameters.one('Category')?.toLowerCase() !== 'livemigration' || limit === null) return MISSING;
    found.say(line, ['smb', 'liveMigrationLimit'], Number(limit[1]));
    return true;
  },
};
