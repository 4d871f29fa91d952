/** iSNS attributes (RFC 4171 §6.1): what each tag means, how long its value may be, and which object it belongs to. */

export const TAG_DELIMITER = 0;
export const TAG_ENTITY_IDENTIFIER = 1;
export const TAG_ENTITY_PROTOCOL = 2;
export const TAG_MANAGEMENT_ADDRESS = 3;
export const TAG_TIMESTAMP = 4;
export const TAG_PROTOCOL_VERSIONS = 5;
export const TAG_REGISTRATION_PERIOD = 6;
export const TAG_ENTITY_INDEX = 7;
export const TAG_PORTAL_ADDRESS = 16;
export const TAG_PORTAL_PORT = 17;
export const TAG_PORTAL_NAME = 18;
export const TAG_INQUIRY_INTERVAL = 19;
export const TAG_INQUIRY_PORT = 20;
export const TAG_PORTAL_INDEX = 22;
export const TAG_NOTIFICATION_PORT = 23;
export const TAG_PORTAL_SECURITY = 27;
export const TAG_NODE_NAME = 32;
export const TAG_NODE_TYPE = 33;
export const TAG_NODE_ALIAS = 34;
export const TAG_NODE_NOTIFICATIONS = 35;
export const TAG_NODE_INDEX = 36;
export const TAG_NODE_WWNN = 37;
export const TAG_NODE_AUTHENTICATION = 42;
export const TAG_GROUP_NODE_NAME = 48;
export const TAG_GROUP_PORTAL_ADDRESS = 49;
export const TAG_GROUP_PORTAL_PORT = 50;
export const TAG_GROUP_TAG = 51;
export const TAG_GROUP_INDEX = 52;
export const TAG_SERVER_VENDOR = 256;
export const TAG_DOMAIN_SET_ID = 2049;
export const TAG_DOMAIN_SET_NAME = 2050;
export const TAG_DOMAIN_SET_STATUS = 2051;
export const TAG_DOMAIN_ID = 2065;
export const TAG_DOMAIN_NAME = 2066;
export const TAG_DOMAIN_MEMBER_NODE_INDEX = 2067;
export const TAG_DOMAIN_MEMBER_NODE = 2068;
export const TAG_DOMAIN_MEMBER_PORTAL_INDEX = 2070;
export const TAG_DOMAIN_MEMBER_ADDRESS = 2071;
export const TAG_DOMAIN_MEMBER_PORT = 2072;
export const TAG_DOMAIN_FEATURES = 2078;

/**
 * text: UTF-8 that ends with NUL; number: 4 bytes; time: 8 bytes of seconds since 1970; address: 16 bytes, IPv4 as an IPv4-mapped one;
 * bytes: whatever it is, as it came.
 */
export type AttributeKind = 'delimiter' | 'text' | 'number' | 'time' | 'address' | 'bytes';

export interface TagDefinition {
  readonly name: string;
  readonly kind: AttributeKind;
  /** Longest value with its NUL and padding. */
  readonly bytesMax: number;
}

const number = (name: string): TagDefinition => ({ name, kind: 'number', bytesMax: 4 });
const address = (name: string): TagDefinition => ({ name, kind: 'address', bytesMax: 16 });
const text = (name: string, bytesMax = 256): TagDefinition => ({ name, kind: 'text', bytesMax });
/** RFC 4171 §6.4.1: 223 bytes of name and the NUL. */
const iscsiName = (name: string): TagDefinition => text(name, 224);

/** RFC 4171 §6.4.8 gives no length; iSCSI has no more than these few methods, and vendors' own. */
const METHODS_BYTES_MAX = 1024;

const DEFINITIONS: Readonly<Record<number, TagDefinition>> = {
  [TAG_DELIMITER]: { name: 'delimiter', kind: 'delimiter', bytesMax: 0 },
  [TAG_ENTITY_IDENTIFIER]: text('entity identifier'),
  [TAG_ENTITY_PROTOCOL]: number('entity protocol'),
  [TAG_MANAGEMENT_ADDRESS]: address('management address'),
  [TAG_TIMESTAMP]: { name: 'timestamp', kind: 'time', bytesMax: 8 },
  [TAG_PROTOCOL_VERSIONS]: number('protocol versions'),
  [TAG_REGISTRATION_PERIOD]: number('registration period'),
  [TAG_ENTITY_INDEX]: number('entity index'),
  8: number('next entity index'),
  [TAG_PORTAL_ADDRESS]: address('portal address'),
  [TAG_PORTAL_PORT]: number('portal port'),
  [TAG_PORTAL_NAME]: text('portal name'),
  [TAG_INQUIRY_INTERVAL]: number('inquiry interval'),
  [TAG_INQUIRY_PORT]: number('inquiry port'),
  [TAG_PORTAL_INDEX]: number('portal index'),
  [TAG_NOTIFICATION_PORT]: number('notification port'),
  24: number('next portal index'),
  [TAG_PORTAL_SECURITY]: number('portal security'),
  [TAG_NODE_NAME]: iscsiName('node name'),
  [TAG_NODE_TYPE]: number('node type'),
  [TAG_NODE_ALIAS]: text('node alias'),
  [TAG_NODE_NOTIFICATIONS]: number('notifications'),
  [TAG_NODE_INDEX]: number('node index'),
  [TAG_NODE_WWNN]: { name: 'WWNN token', kind: 'bytes', bytesMax: 8 },
  38: number('next node index'),
  [TAG_NODE_AUTHENTICATION]: text('authentication methods', METHODS_BYTES_MAX),
  [TAG_GROUP_NODE_NAME]: iscsiName('portal group node name'),
  [TAG_GROUP_PORTAL_ADDRESS]: address('portal group address'),
  [TAG_GROUP_PORTAL_PORT]: number('portal group port'),
  [TAG_GROUP_TAG]: number('portal group tag'),
  [TAG_GROUP_INDEX]: number('portal group index'),
  53: number('next portal group index'),
  [TAG_SERVER_VENDOR]: number('server vendor'),
  [TAG_DOMAIN_SET_ID]: number('discovery domain set'),
  [TAG_DOMAIN_SET_NAME]: text('discovery domain set name'),
  [TAG_DOMAIN_SET_STATUS]: number('discovery domain set status'),
  2052: number('next discovery domain set'),
  [TAG_DOMAIN_ID]: number('discovery domain'),
  [TAG_DOMAIN_NAME]: text('discovery domain name'),
  [TAG_DOMAIN_MEMBER_NODE_INDEX]: number('member node index'),
  [TAG_DOMAIN_MEMBER_NODE]: iscsiName('member node'),
  [TAG_DOMAIN_MEMBER_PORTAL_INDEX]: number('member portal index'),
  [TAG_DOMAIN_MEMBER_ADDRESS]: address('member portal address'),
  [TAG_DOMAIN_MEMBER_PORT]: number('member portal port'),
  [TAG_DOMAIN_FEATURES]: number('discovery domain features'),
  2079: number('next discovery domain'),
};

/** Fibre Channel, certificates, and what vendors and later documents add: kept as bytes, no longer than these. */
const OTHER_BYTES_MAX = 65_536;

export const tagDefinition = (tag: number): TagDefinition =>
  DEFINITIONS[tag] ?? { name: `attribute ${tag}`, kind: 'bytes', bytesMax: OTHER_BYTES_MAX };
