/**
 * The requests of an iSNS client (RFC 4171 §5.6.5), as attributes in the order that gives them their meaning: source, keys, delimiter, and
 * what is to be done with them.
 */
import { utf8Bytes } from '../../base/bytes.ts';
import { encodePort, type PortNumber } from '../../wire/isns/address.ts';
import { type Attribute, DELIMITER } from '../../wire/isns/attribute.ts';
import { ENTITY_ISCSI } from '../../wire/isns/bitmaps.ts';
import {
  DEVICE_ATTRIBUTE_QUERY,
  DEVICE_ATTRIBUTE_REGISTRATION,
  DEVICE_DEREGISTRATION,
  DEVICE_GET_NEXT,
  DISCOVERY_DOMAIN_DEREGISTRATION,
  DISCOVERY_DOMAIN_REGISTRATION,
  STATE_CHANGE_DEREGISTRATION,
  STATE_CHANGE_REGISTRATION,
} from '../../wire/isns/function.ts';
import * as tags from '../../wire/isns/tags.ts';
import type { Request } from './client.ts';

export interface PortalRegistration {
  readonly address: string;
  readonly port: number;
  readonly name?: string;
  /** Where the server asks whether the portal is there, and how often. */
  readonly inquiry?: { readonly port: PortNumber; readonly intervalSeconds: number };
  /** Where the server tells of changes. */
  readonly notifications?: PortNumber;
}

/** Portals by their place in the entity. `tag` undefined: they do not lead to the node. */
export interface GroupRegistration {
  readonly tag: number | undefined;
  readonly portals: readonly number[];
}

export interface NodeRegistration {
  readonly name: string;
  /** Bits of RFC 4171 §6.4.2. */
  readonly type: number;
  readonly alias?: string;
  /** Methods in order of preference, with commas between them (RFC 4171 §6.4.8). */
  readonly authentication?: string;
  /** Without any, every portal leads to the node, in group 1 (RFC 4171 §5.6.5.1). */
  readonly groups?: readonly GroupRegistration[];
}

export interface EntityRegistration {
  /** Undefined: the server makes one up. */
  readonly identifier: string | undefined;
  readonly periodSeconds?: number;
  readonly portals: readonly PortalRegistration[];
  readonly nodes: readonly NodeRegistration[];
}

const attribute = (tag: number, value: Attribute['value']): Attribute => ({ tag, value });
const optional = (tag: number, value: Attribute['value']): Attribute[] => (value === undefined ? [] : [{ tag, value }]);
const sourceOf = (name: string): Attribute => attribute(tags.TAG_NODE_NAME, name);

const portalAttributes = (portal: PortalRegistration): Attribute[] => [
  attribute(tags.TAG_PORTAL_ADDRESS, portal.address),
  attribute(tags.TAG_PORTAL_PORT, encodePort({ port: portal.port, transport: 'tcp' })),
  ...optional(tags.TAG_PORTAL_NAME, portal.name),
  ...(portal.inquiry === undefined
    ? []
    : [
        attribute(tags.TAG_INQUIRY_INTERVAL, portal.inquiry.intervalSeconds),
        attribute(tags.TAG_INQUIRY_PORT, encodePort(portal.inquiry.port)),
      ]),
  ...(portal.notifications === undefined ? [] : [attribute(tags.TAG_NOTIFICATION_PORT, encodePort(portal.notifications))]),
];

/** RFC 4171 §5.6.5.1: behind a node, each portal group tag is followed by the portals it is for. */
const nodeAttributes = (node: NodeRegistration, portals: readonly PortalRegistration[]): Attribute[] => [
  attribute(tags.TAG_NODE_NAME, node.name),
  attribute(tags.TAG_NODE_TYPE, node.type),
  ...optional(tags.TAG_NODE_ALIAS, node.alias),
  ...optional(tags.TAG_NODE_AUTHENTICATION, node.authentication),
  ...(node.groups ?? []).flatMap((group) =>
    group.portals.flatMap((index) => [
      attribute(tags.TAG_GROUP_TAG, group.tag),
      attribute(tags.TAG_GROUP_PORTAL_ADDRESS, portals[index]!.address),
      attribute(tags.TAG_GROUP_PORTAL_PORT, encodePort({ port: portals[index]!.port, transport: 'tcp' })),
    ]),
  ),
];

/**
 * Longest registration we send in one message, if it can be had in several: Open-iSNS takes no more than 8 KiB, and its answer repeats what it
 * was told at up to twice the length.
 */
const REGISTRATION_BYTES_MAX = 3500;

/**
 * DevAttrReg (RFC 4171 §5.6.5.1), in as many messages as it takes, to be sent one after the other. `replace`: what the entity had before goes;
 * else it is added to, and brought up to date. An entity that the server is to name has to fit into one.
 */
export function registrations(source: string, entity: EntityRegistration, replace: boolean): Request[] {
  const head = [
    sourceOf(source),
    attribute(tags.TAG_ENTITY_IDENTIFIER, entity.identifier),
    DELIMITER,
    attribute(tags.TAG_ENTITY_IDENTIFIER, entity.identifier),
    attribute(tags.TAG_ENTITY_PROTOCOL, ENTITY_ISCSI),
    ...optional(tags.TAG_REGISTRATION_PERIOD, entity.periodSeconds),
  ];
  const messages: Attribute[][] = [[]];
  let bytes = 0;
  for (const object of [...entity.portals.map(portalAttributes), ...entity.nodes.map((node) => nodeAttributes(node, entity.portals))]) {
    const more = object.reduce((sum, one) => sum + attributeBytes(one), 0);
    if (bytes + more > REGISTRATION_BYTES_MAX && bytes > 0 && entity.identifier !== undefined) {
      messages.push([]);
      bytes = 0;
    }
    messages.at(-1)!.push(...object);
    bytes += more;
  }
  return messages.map((objects, index) => ({
    functionId: DEVICE_ATTRIBUTE_REGISTRATION,
    // Whatever comes after the first is added to it.
    replace: replace && index === 0,
    // Without an identifier of ours, each makes another entity.
    once: entity.identifier === undefined,
    attributes: [...head, ...objects],
  }));
}

/** About: what we register is text, addresses and numbers. */
const attributeBytes = ({ value }: Attribute): number => 8 + (typeof value === 'string' ? Math.max(16, utf8Bytes(value).length + 4) : 4);

/** DevAttrQry (RFC 4171 §5.6.5.2): of what matches the keys, and what is related to it, the attributes that are wanted; none: all. */
export const query = (source: string, keys: readonly Attribute[], wanted: readonly number[] = []): Request => ({
  functionId: DEVICE_ATTRIBUTE_QUERY,
  attributes: [sourceOf(source), ...keys, DELIMITER, ...wanted.map((tag) => attribute(tag, undefined))],
});

/** DevGetNext (RFC 4171 §5.6.5.3): the object behind the one with these keys; keys of length zero: the first. */
export const getNext = (source: string, keys: readonly Attribute[], wanted: readonly number[] = []): Request => ({
  functionId: DEVICE_GET_NEXT,
  attributes: [sourceOf(source), ...keys, DELIMITER, ...wanted.map((tag) => attribute(tag, undefined))],
});

export type Deregistered =
  | { readonly entity: string }
  | { readonly node: string }
  | { readonly portal: { readonly address: string; readonly port: number } };

const keysOf = (object: Deregistered): Attribute[] => {
  if ('entity' in object) return [attribute(tags.TAG_ENTITY_IDENTIFIER, object.entity)];
  if ('node' in object) return [attribute(tags.TAG_NODE_NAME, object.node)];
  return [
    attribute(tags.TAG_PORTAL_ADDRESS, object.portal.address),
    attribute(tags.TAG_PORTAL_PORT, encodePort({ port: object.portal.port, transport: 'tcp' })),
  ];
};

/** DevDereg (RFC 4171 §5.6.5.4). */
export const deregistration = (source: string, objects: readonly Deregistered[]): Request => ({
  functionId: DEVICE_DEREGISTRATION,
  attributes: [sourceOf(source), DELIMITER, ...objects.flatMap(keysOf)],
});

/** SCNReg (RFC 4171 §5.6.5.5): which changes the node is told of. */
export const notificationRegistration = (node: string, bitmap: number): Request => ({
  functionId: STATE_CHANGE_REGISTRATION,
  attributes: [sourceOf(node), sourceOf(node), DELIMITER, attribute(tags.TAG_NODE_NOTIFICATIONS, bitmap)],
});

/** SCNDereg (RFC 4171 §5.6.5.6). */
export const notificationDeregistration = (node: string): Request => ({
  functionId: STATE_CHANGE_DEREGISTRATION,
  attributes: [sourceOf(node), sourceOf(node), DELIMITER],
});

export interface DomainRegistration {
  /** Undefined: a new one. */
  readonly id?: number;
  readonly name?: string;
  /** Nodes to add, or to take out. */
  readonly members?: readonly string[];
}

const memberAttributes = (members: readonly string[] = []): Attribute[] =>
  members.map((name) => attribute(tags.TAG_DOMAIN_MEMBER_NODE, name));

/** DDReg (RFC 4171 §5.6.5.9): a new discovery domain, or more members for one there is. */
export const domainRegistration = (source: string, domain: DomainRegistration): Request => ({
  functionId: DISCOVERY_DOMAIN_REGISTRATION,
  // Sent twice it would make two.
  once: domain.id === undefined,
  attributes: [
    sourceOf(source),
    ...optional(tags.TAG_DOMAIN_ID, domain.id),
    DELIMITER,
    ...optional(tags.TAG_DOMAIN_ID, domain.id),
    ...optional(tags.TAG_DOMAIN_NAME, domain.name),
    ...memberAttributes(domain.members),
  ],
});

/** DDDereg (RFC 4171 §5.6.5.10): takes the members out, or without any the whole domain away. */
export const domainDeregistration = (source: string, id: number, members: readonly string[] = []): Request => ({
  functionId: DISCOVERY_DOMAIN_DEREGISTRATION,
  attributes: [sourceOf(source), attribute(tags.TAG_DOMAIN_ID, id), DELIMITER, ...memberAttributes(members)],
});
