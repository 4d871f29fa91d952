/** The objects of an iSNS server (RFC 4171 §3), read from the attributes of an answer: keys begin an object, what follows belongs to it (§5.6.4). */
import { decodePort, type PortNumber } from '../../wire/isns/address.ts';
import type { Attribute } from '../../wire/isns/attribute.ts';
import * as tags from '../../wire/isns/tags.ts';

export interface EntityObject {
  readonly kind: 'entity';
  readonly identifier: string;
  readonly protocol: number | undefined;
  readonly periodSeconds: number | undefined;
  /** Seconds since 1970 of its last sign of life. */
  readonly seenSeconds: number | undefined;
  readonly index: number | undefined;
}

export interface PortalObject {
  readonly kind: 'portal';
  readonly address: string;
  readonly port: PortNumber;
  readonly name: string | undefined;
  readonly inquiryIntervalSeconds: number | undefined;
  readonly inquiryPort: PortNumber | undefined;
  readonly notificationPort: PortNumber | undefined;
  readonly index: number | undefined;
}

export interface NodeObject {
  readonly kind: 'node';
  readonly name: string;
  /** Bits of RFC 4171 §6.4.2. */
  readonly type: number | undefined;
  readonly alias: string | undefined;
  readonly authentication: string | undefined;
  readonly notifications: number | undefined;
  readonly index: number | undefined;
}

export interface GroupObject {
  readonly kind: 'group';
  readonly node: string;
  readonly address: string;
  readonly port: PortNumber;
  /** Undefined: the portal does not lead to the node (RFC 4171 §3.4). */
  readonly tag: number | undefined;
  readonly index: number | undefined;
}

export interface DomainObject {
  readonly kind: 'domain';
  readonly id: number;
  readonly name: string | undefined;
  readonly members: readonly string[];
  readonly features: number | undefined;
}

export interface DomainSetObject {
  readonly kind: 'domain set';
  readonly id: number;
  readonly name: string | undefined;
  readonly status: number | undefined;
  readonly domains: readonly number[];
}

export type IsnsObject = EntityObject | PortalObject | NodeObject | GroupObject | DomainObject | DomainSetObject;

/** The tags that begin an object; of keys with several parts the first. */
const BEGINNINGS: ReadonlySet<number> = new Set([
  tags.TAG_ENTITY_IDENTIFIER,
  tags.TAG_PORTAL_ADDRESS,
  tags.TAG_NODE_NAME,
  tags.TAG_GROUP_NODE_NAME,
  tags.TAG_DOMAIN_SET_ID,
  tags.TAG_DOMAIN_ID,
]);

/** In their order. What has no whole key is left out: nobody could tell which object it is of. */
export function objectsOf(attributes: readonly Attribute[]): IsnsObject[] {
  const objects: IsnsObject[] = [];
  let from = 0;
  for (let at = 1; at <= attributes.length; at += 1) {
    if (at < attributes.length && !begins(attributes, from, at)) continue;
    const object = objectOf(attributes.slice(from, at));
    if (object !== undefined) objects.push(object);
    from = at;
  }
  return objects;
}

/** A discovery domain's ID behind that of a set is one of its members (RFC 4171 §5.6.5.11). */
const begins = (attributes: readonly Attribute[], from: number, at: number): boolean => {
  const { tag } = attributes[at]!;
  return BEGINNINGS.has(tag) && !(tag === tags.TAG_DOMAIN_ID && attributes[from]!.tag === tags.TAG_DOMAIN_SET_ID);
};

function objectOf(own: readonly Attribute[]): IsnsObject | undefined {
  const value = (tag: number): Attribute['value'] => own.find((one) => one.tag === tag)?.value;
  const text = (tag: number): string | undefined => value(tag) as string | undefined;
  const number = (tag: number): number | undefined => value(tag) as number | undefined;
  const all = (tag: number): Attribute['value'][] =>
    own.filter((one) => one.tag === tag && one.value !== undefined).map((one) => one.value);
  const port = (tag: number): PortNumber | undefined => {
    const found = number(tag);
    return found === undefined ? undefined : decodePort(found);
  };
  const key = own[0]?.value;
  if (key === undefined) return undefined;
  switch (own[0]!.tag) {
    case tags.TAG_ENTITY_IDENTIFIER:
      return {
        kind: 'entity',
        identifier: key as string,
        protocol: number(tags.TAG_ENTITY_PROTOCOL),
        periodSeconds: number(tags.TAG_REGISTRATION_PERIOD),
        seenSeconds: number(tags.TAG_TIMESTAMP),
        index: number(tags.TAG_ENTITY_INDEX),
      };
    case tags.TAG_PORTAL_ADDRESS: {
      const own = port(tags.TAG_PORTAL_PORT);
      if (own === undefined) return undefined;
      return {
        kind: 'portal',
        address: key as string,
        port: own,
        name: text(tags.TAG_PORTAL_NAME),
        inquiryIntervalSeconds: number(tags.TAG_INQUIRY_INTERVAL),
        inquiryPort: port(tags.TAG_INQUIRY_PORT),
        notificationPort: port(tags.TAG_NOTIFICATION_PORT),
        index: number(tags.TAG_PORTAL_INDEX),
      };
    }
    case tags.TAG_NODE_NAME:
      return {
        kind: 'node',
        name: key as string,
        type: number(tags.TAG_NODE_TYPE),
        alias: text(tags.TAG_NODE_ALIAS),
        authentication: text(tags.TAG_NODE_AUTHENTICATION),
        notifications: number(tags.TAG_NODE_NOTIFICATIONS),
        index: number(tags.TAG_NODE_INDEX),
      };
    case tags.TAG_GROUP_NODE_NAME: {
      const address = text(tags.TAG_GROUP_PORTAL_ADDRESS);
      const own = port(tags.TAG_GROUP_PORTAL_PORT);
      if (address === undefined || own === undefined) return undefined;
      const tag = number(tags.TAG_GROUP_TAG);
      // RFC 4171 §6.5.4: the two upper bytes are reserved.
      return {
        kind: 'group',
        node: key as string,
        address,
        port: own,
        tag: tag === undefined ? undefined : tag & 0xffff,
        index: number(tags.TAG_GROUP_INDEX),
      };
    }
    case tags.TAG_DOMAIN_SET_ID:
      return {
        kind: 'domain set',
        id: key as number,
        name: text(tags.TAG_DOMAIN_SET_NAME),
        status: number(tags.TAG_DOMAIN_SET_STATUS),
        domains: all(tags.TAG_DOMAIN_ID) as number[],
      };
    case tags.TAG_DOMAIN_ID:
      return {
        kind: 'domain',
        id: key as number,
        name: text(tags.TAG_DOMAIN_NAME),
        members: all(tags.TAG_DOMAIN_MEMBER_NODE) as string[],
        features: number(tags.TAG_DOMAIN_FEATURES),
      };
    default:
      return undefined;
  }
}
