/** Discovery by iSNS (RFC 4171 §5.6.5.2): which targets an initiator may see, and through which portals. The server minds the discovery domains. */
import { attributeProblem } from '../../wire/isns/attribute.ts';
import { NODE_TARGET } from '../../wire/isns/bitmaps.ts';
import { STATUS_NO_SUCH_ENTRY } from '../../wire/isns/function.ts';
import { type Message, sectionsOf } from '../../wire/isns/message.ts';
import * as tags from '../../wire/isns/tags.ts';
import type { FoundTarget, TargetPortal } from '../iscsi/initiator/discovery.ts';
import { ISCSI_PORT } from '../iscsi/initiator/portal-address.ts';
import type { IsnsClient, Request } from './client.ts';
import { type IsnsError, isnsError } from './errors.ts';
import { type GroupObject, type NodeObject, objectsOf, type PortalObject } from './objects.ts';
import { query } from './requests.ts';

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

/** All nodes, of which the targets are picked here: a node may be target and initiator, and servers differ in how they compare types. */
export const discoveryRequest = (initiatorName: string): Request =>
  query(initiatorName, [{ tag: tags.TAG_NODE_NAME, value: undefined }], WANTED);

/** What an answer to `discoveryRequest` says. */
export function discoveredIn(response: Message): Discovered {
  const objects = objectsOf(sectionsOf(response.attributes).operating);
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

/** Asks once; `done` runs once. */
export function discoverIsnsTargets(client: IsnsClient, initiatorName: string, done: IsnsDiscoveryDone): void {
  const problem = attributeProblem({ tag: tags.TAG_NODE_NAME, value: initiatorName });
  if (problem !== undefined) return done(undefined, isnsError('usage', problem));
  client.request(discoveryRequest(initiatorName), (response, error) => {
    if (error === undefined) return done(discoveredIn(response!), undefined);
    // RFC 4171 §5.6.5.2: nothing that matches is no error; Open-iSNS says "no such entry" then.
    if (error.status === STATUS_NO_SUCH_ENTRY) return done({ targets: [], unreachable: [] }, undefined);
    done(undefined, error);
  });
}
