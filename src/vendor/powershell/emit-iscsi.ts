/** The iSCSI initiator of Windows and SMB as cmdlets. */
import type { Emission } from '../core/emission.ts';
import { secretPlaceholder } from '../core/secret.ts';
import { quoted } from './words.ts';

type Key = readonly string[];

/** The initiator has no name of its own on Windows: a remark says what the declaration calls it. */
export const INITIATOR_REMARK = '# iSCSI initiator: ';

export function emitIscsi(emission: Emission): void {
  const [name, ...others] = emission.names('iscsi').filter((one) => emission.peek('iscsi', one, 'kind') === 'software');
  for (const other of others) emission.refuseAll('Windows has one initiator in software.', 'iscsi', other);
  if (name === undefined) return;
  const place = ['iscsi', name];
  const kind = emission.take(...place, 'kind');
  emission.command(`${INITIATOR_REMARK}${name}`, kind);
  emission.command('Set-Service -Name MSiSCSI -StartupType Automatic', kind);
  emission.command('Start-Service -Name MSiSCSI', kind);
  const initiator = emission.take(...place, 'initiator');
  if (initiator !== undefined) {
    emission.command(`iscsicli NodeName ${String(initiator.value)}`, initiator);
    emission.verify('Get-InitiatorPort -ConnectionType iSCSI', String(initiator.value));
  }
  takeTransport(emission, place);
  emitMutualSecret(emission, place);
  for (const server of emission.names(...place, 'discovery')) {
    const key = [...place, 'discovery', server];
    const words = addressWords(server);
    if (words === undefined) {
      emission.refuseAll('It is no address.', ...key);
      continue;
    }
    takeTransport(emission, key);
    const from = emission.take(...key, 'present');
    emission.command(
      `New-IscsiTargetPortal${words}${chapWords(emission, key)}${digestWords(emission, key)}`,
      from,
      chapNote(emission, key),
    );
  }
  for (const target of emission.names(...place, 'targets')) {
    const key = [...place, 'targets', target];
    const address = emission.peek(...key, 'address');
    const words = typeof address === 'string' ? addressWords(address) : undefined;
    if (words === undefined) {
      emission.refuseAll('A target is connected to by its name and its address.', ...key);
      continue;
    }
    takeTransport(emission, key);
    emission.take(...key, 'address');
    const from = emission.take(...key, 'present');
    const more = `${chapWords(emission, key)}${digestWords(emission, key)}`;
    emission.command(
      `Connect-IscsiTarget -NodeAddress ${quoted(target)}${words} -IsPersistent $true${more}`,
      from,
      chapNote(emission, key) ?? 'Its portal has to be known: `New-IscsiTargetPortal`.',
    );
    emission.verify(`Get-IscsiTarget -NodeAddress ${quoted(target)}`, 'IsConnected            : True');
  }
  emission.refuseAll('Windows has CHAP for a portal or a target: declare it there.', ...place, 'chap');
  emission.refuseAll('The initiator keeps it in the registry, for all targets at once.', ...place, 'settings');
}

function takeTransport(emission: Emission, place: Key): void {
  if (emission.peek(...place, 'transport') === 'tcp') emission.take(...place, 'transport');
  emission.refuse('The initiator of Windows has no iSER.', ...place, 'transport');
}

function addressWords(text: string): string | undefined {
  const match = /^\[?([^\][]+?)\]?:(\d{1,5})$/.exec(text);
  return match === null ? undefined : ` -TargetPortalAddress ${quoted(match[1]!)} -TargetPortalPortNumber ${match[2]!}`;
}

/** One secret for all targets that have to prove themselves. */
function emitMutualSecret(emission: Emission, place: Key): void {
  const keys = ['discovery', 'targets'].flatMap((section) => emission.names(...place, section).map((name) => [...place, section, name]));
  const secrets = keys.flatMap((key) => {
    const secret = emission.setting(...key, 'chap', 'mutual', 'secret');
    return secret === undefined ? [] : [{ key, secret }];
  });
  const first = secrets[0]?.secret;
  if (first === undefined) return;
  emission.command(`Set-IscsiChapSecret -ChapSecret ${quoted(secretPlaceholder(String(first.value)))}`, first, 'Put the secret there.');
  for (const { key, secret } of secrets) {
    if (secret.value === first.value) emission.take(...key, 'chap', 'mutual', 'secret');
    emission.refuse('Windows has one secret for all targets that prove themselves.', ...key, 'chap', 'mutual', 'secret');
    emission.refuse('Windows takes any name from a target that proves itself.', ...key, 'chap', 'mutual', 'user');
  }
}

function chapWords(emission: Emission, key: Key): string {
  const user = emission.take(...key, 'chap', 'user');
  const secret = emission.take(...key, 'chap', 'secret');
  if (user === undefined || secret === undefined) return '';
  const isMutual = emission.has(...key, 'chap', 'mutual') && !emission.isRefused(...key, 'chap', 'mutual', 'secret');
  return ` -AuthenticationType ${isMutual ? 'MUTUALCHAP' : 'ONEWAYCHAP'} -ChapUsername ${quoted(String(user.value))} -ChapSecret ${quoted(secretPlaceholder(String(secret.value)))}`;
}

const chapNote = (emission: Emission, key: Key): string | undefined =>
  emission.has(...key, 'chap', 'user') ? 'Put the secret there; Windows wants 12 to 16 characters.' : undefined;

function digestWords(emission: Emission, key: Key): string {
  const words = (
    [
      ['headerDigest', '-IsHeaderDigest'],
      ['dataDigest', '-IsDataDigest'],
    ] as const
  ).map(([name, word]) => {
    const text = JSON.stringify(emission.peek(...key, 'settings', name));
    if (text !== '["crc32c"]' && text !== '["none"]') return '';
    emission.take(...key, 'settings', name);
    return ` ${word} $${String(text === '["crc32c"]')}`;
  });
  emission.refuseAll('Windows says only whether there are digests.', ...key, 'settings');
  return words.join('');
}

export function emitSmb(emission: Emission): void {
  for (const [name, word, both] of [
    ['multichannel', 'EnableMultiChannel', true],
    ['signing', 'RequireSecuritySignature', true],
    ['encryption', 'EncryptData', false],
  ] as const) {
    const setting = emission.take('smb', name);
    if (setting === undefined) continue;
    emission.command(`Set-SmbServerConfiguration -${word} $${String(setting.value)} -Force`, setting);
    if (both) emission.command(`Set-SmbClientConfiguration -${word} $${String(setting.value)} -Force`, setting);
    emission.verify(`Get-SmbServerConfiguration | Select ${word}`, setting.value === true ? 'True' : 'False');
  }
  const limit = emission.take('smb', 'liveMigrationLimit');
  if (limit === undefined) return;
  emission.command('Install-WindowsFeature -Name FS-SMBBW', limit);
  emission.command(`Set-SmbBandwidthLimit -Category LiveMigration -BytesPerSecond ${String(limit.value)}MB`, limit);
}
