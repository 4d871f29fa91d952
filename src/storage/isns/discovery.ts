/** Discovery by iSNS (RFC 4171 §5.6.5.2): which targets an initiator may see, and through which portals. The server minds the discovery domains. */
import { NODE_TARGET } from '../../wire/isns/bitmaps.ts';
import * as tags from '../../wire/isns/tags.ts';
import type { FoundTarget, TargetPortal } from '../iscsi/initiator/discovery.ts';
import { ISCSI_PORT } from '../iscsi/initiator/portal-address.ts';
import type { IsnsClient } from './client.ts';
import type { IsnsError } from './errors.ts';
import type { GroupObject, IsnsObject, NodeObject, PortalObject } from './objects.ts';
import { queryNodes } from './walk.ts';

export interface Discovered {
  readonly targets: readonly FoundTarget[];
  /** Targets that no portal leads to. */
  readonly unreachable: readonly string[];
}

export type IsnsDiscoveryDone = (found: Discovered | undefined, error: IsnsError | undefined) => void;

const WANTED = [
  tags.TAG_NODE_NAME,
  tags.TAG_NODE_TYPE,
  tags.TAG_PORTAL_ADDRESS,
  tags.TAG_PORTAL_PORT,
  tags.TAG_GROUP_NODE_NAME,
  tags.TAG_GROUP_PORTAL_ADDRESS,
  tags.TAG_GROUP_PORTAL_PORT,
  tags.TAG_GROUP_TAG,
];

/** The targets among nodes, with the portals that portal groups lead to. */
export function discoveredIn(objects: readonly IsnsObject[]): Discovered {
  const targets = new Map<string, Map<string, TargetPortal>>();
  const known = new Set<string>();
  for (const object of objects) {
    if (isTarget(object) && !targets.has(object.name)) targets.set(object.name, new Map());
    if (object.kind === 'portal') known.add(portalKey(object));
  }
  for (const object of objects) {
    const portals = object.kind === 'group' ? targets.get(object.node) : undefined;
    if (portals === undefined) continue;
    const group = object as GroupObject;
    // A group outlives its portal (RFC 4171 §5.6.5.4), and one without a tag says that the portal does not lead to the node (§3.4).
    if (group.tag === undefined || group.port.transport !== 'tcp' || !known.has(portalKey(group))) continue;
    // RFC 4171 §6.3.2: port 0 is the well-known one.
    const port = group.port.port === 0 ? ISCSI_PORT : group.port.port;
    portals.set(portalKey(group), { host: group.address, port, groupTag: group.tag });
  }
  const found = [...targets].map(([name, portals]) => ({ name, portals: [...portals.values()] }));
  return {
    targets: found.filter((target) => target.portals.length !== 0),
    unreachable: found.filter((target) => target.portals.length === 0).map((target) => target.name),
  };
}

const isTarget = (object: { readonly kind: string }): object is NodeObject =>
  object.kind === 'node' && (((object as NodeObject).type ?? 0) & NODE_TARGET) !== 0;

const portalKey = ({ address, port }: PortalObject | GroupObject): string => `${address} ${port.port} ${port.transport}`;

/**
 * Asks for all nodes, of which the targets are picked here: a node may be target and initiator, and servers differ in how they compare types.
 * `done` runs once.
 */
export function discoverIsnsTargets(client: IsnsClient, initiatorName: string, done: IsnsDiscoveryDone): void {
  queryNodes(client, initiatorName, WANTED, (objects, error) => {
    if (error !== undefined) done(undefined, error);
    else done(discoveredIn(objects!), undefined);
  });
}
