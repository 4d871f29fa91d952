/** What the declaration says of arrays and of hosts' iSCSI adapters, as settings. Secrets are never among them, only whose they are. */
import { findServer } from '../../fabric/find-server.ts';
import { type Chap, type Fabric, portalsOf, type StorageArray } from '../../fabric/model.ts';
import type { Adapter, ServerReference, SettingChanges } from '../../fabric/host-model.ts';
import { defaultSettings } from '../../fabric/host-model.ts';
import { formatIp } from '../../wire/ip/address.ts';
import type { Key, Sayings } from './say.ts';

export function sayArray(sayings: Sayings, array: StorageArray): void {
  for (const [index, portal] of array.portals.entries()) {
    const key = ['portals', addressText(portal.listen)];
    sayings.say([...key, 'present'], true, portal.at);
    sayings.say([...key, 'iser'], portal.iser, [...array.at, 'portals', index]);
    sayings.say([...key, 'group'], portal.group, portal.at);
  }
  for (const target of array.targets) {
    const key = ['targets', target.name];
    sayings.say([...key, 'present'], true, target.at);
    sayings.say([...key, 'alias'], target.alias, [...target.at, 'alias']);
    if (target.portals !== undefined)
      sayings.say(
        [...key, 'portals'],
        portalsOf(array, target)
          .map(({ listen }) => addressText(listen))
          .toSorted(),
        target.at,
      );
    for (const lun of target.luns) {
      const place = [...key, 'luns', `${lun.lun}`];
      sayings.say([...place, 'store'], lun.store, lun.at);
      sayings.say([...place, 'path'], lun.path, [...lun.at, 'path']);
      sayings.say([...place, 'size'], lun.sizeBytes, [...lun.at, 'size']);
      sayings.say([...place, 'blockSize'], lun.blockBytes, lun.at);
      sayings.say([...place, 'thin'], lun.thin, lun.at);
      sayings.say([...place, 'readOnly'], lun.readOnly, lun.at);
      sayings.say([...place, 'serial'], lun.serial, [...lun.at, 'serial']);
    }
    // Where nothing is said, anybody may.
    if (target.access === undefined) sayings.quietly([...key, 'access', 'any', 'present'], true, target.at);
    for (const one of target.access ?? []) {
      const place = [...key, 'access', one.initiator];
      sayings.say([...place, 'present'], true, one.at);
      sayChap(sayings, [...place, 'chap'], one.chap);
    }
  }
  sayChap(sayings, ['discovery', 'chap'], array.discoveryChap);
}

/** Whose secret it is; the secret itself is nobody's business here. */
function sayChap(sayings: Sayings, key: Key, chap: Chap | undefined): void {
  if (chap === undefined) return;
  sayings.say([...key, 'user'], chap.user, [...chap.at, 'user']);
  sayings.say([...key, 'secret'], secretText(chap), [...chap.at, 'secret']);
  if (chap.mutual === undefined) return;
  sayings.say([...key, 'mutual', 'user'], chap.mutual.user, [...chap.mutual.at, 'user']);
  sayings.say([...key, 'mutual', 'secret'], secretText(chap.mutual), [...chap.mutual.at, 'secret']);
}

/** `env:NAME` or `file:PATH`. */
const secretText = ({ secret }: Pick<Chap, 'secret'>): string => (secret.kind === 'env' ? `env:${secret.name}` : `file:${secret.path}`);

export const addressText = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** An address with its port, also of an array of the fabric: devices know no arrays. Its name stays where it listens to every address, or to a port that is chosen later. */
function serverText(fabric: Fabric, server: ServerReference): string {
  if (server.kind === 'address') return addressText(server.address);
  const portal = findServer(fabric, server)?.portal;
  if (portal === undefined) return server.text;
  const host = portal.announce?.host ?? portal.listen.host;
  const port = portal.announce?.port ?? portal.listen.port;
  return host === '0.0.0.0' || host === '::' || port === 0 ? server.text : addressText({ host, port });
}

export function sayAdapter(sayings: Sayings, adapter: Adapter, fabric: Fabric): void {
  const key = ['iscsi', adapter.name];
  const { at } = adapter;
  sayings.say([...key, 'initiator'], adapter.initiator, [...at, 'initiator']);
  sayings.say([...key, 'alias'], adapter.alias, [...at, 'alias']);
  sayings.say([...key, 'kind'], adapter.kind, at);
  sayings.said([...key, 'transport'], adapter.transport);
  sayings.say([...key, 'nic'], adapter.nic?.text, [...at, 'nic']);
  sayings.say([...key, 'vlan'], adapter.vlan, [...at, 'vlan']);
  if (adapter.address !== undefined)
    sayings.say([...key, 'address'], `${formatIp(adapter.address.address)}/${adapter.address.bits}`, adapter.address.at);
  if (adapter.portBinding !== undefined)
    sayings.say(
      [...key, 'portBinding'],
      adapter.portBinding.map(({ text }) => text),
      [...at, 'portBinding'],
    );
  sayChap(sayings, [...key, 'chap'], adapter.chap);
  const defaults: Readonly<Record<string, unknown>> = { ...defaultSettings };
  for (const [name, value] of Object.entries(adapter.settings))
    if (JSON.stringify(value) !== JSON.stringify(defaults[name])) sayings.say([...key, 'settings', name], value, [...at, 'settings']);
  for (const one of adapter.servers) {
    const place = [...key, 'discovery', serverText(fabric, one.server)];
    sayings.say([...place, 'present'], true, one.at);
    sayings.said([...place, 'transport'], one.transport);
    sayChap(sayings, [...place, 'chap'], one.chap);
    sayChanges(sayings, place, one.changes, one.at);
  }
  for (const one of adapter.targets) {
    const place = [...key, 'targets', one.name];
    sayings.say([...place, 'present'], true, one.at);
    sayings.say([...place, 'address'], one.address === undefined ? undefined : serverText(fabric, one.address), [...one.at, 'address']);
    sayings.said([...place, 'transport'], one.transport);
    sayChap(sayings, [...place, 'chap'], one.chap);
    sayChanges(sayings, place, one.changes, one.at);
  }
}

function sayChanges(sayings: Sayings, key: Key, changes: SettingChanges, at: Adapter['at']): void {
  for (const [name, value] of Object.entries(changes)) sayings.say([...key, 'settings', name], value, [...at, 'settings']);
}
