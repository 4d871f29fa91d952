/** Targets that a host has been told of, and that nobody in the fabric has. */
import type { DeclaredNode, Reading } from '../core/dialect.ts';
import type { Difference } from '../core/diff.ts';
import { keyText } from '../core/setting.ts';
import { findServer } from '../../fabric/find-server.ts';

/**
 * Who is not declared at the host may be one that a server named: one of the fabric's arrays, or one that it does not know. Nothing is said of those of
 * hosts that ask a server outside of the fabric.
 */
export function strangers(declared: DeclaredNode, { settings }: Reading): readonly Difference[] {
  const { fabric } = declared;
  const host = fabric.hosts.find(({ name }) => name === declared.name);
  if (host === undefined || host.adapters.some(({ servers }) => servers.some(({ server }) => findServer(fabric, server) === undefined)))
    return [];
  const known = new Set<string>(fabric.arrays.flatMap(({ targets }) => targets.map(({ name }) => name)));
  const said = new Set(declared.settings.map(({ key }) => keyText(key)));
  return settings
    .filter(({ key, quiet }) => quiet === true && key[0] === 'iscsi' && key[2] === 'targets' && key.length === 5 && key[4] === 'present')
    .filter(({ key }) => !known.has(key[3]!) && !said.has(keyText(key)))
    .map((found) => ({ kind: 'undeclared', key: keyText(found.key), found }));
}
