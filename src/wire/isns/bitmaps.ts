/** Bits of iSNS attributes and words for them: node type (RFC 4171 §6.4.2), SCN bitmap (§6.4.4), entity protocol (§6.2.2), DDS status (§6.11.1.3). */

export const NODE_TARGET = 0x1;
export const NODE_INITIATOR = 0x2;
export const NODE_CONTROL = 0x4;

export const ENTITY_NO_PROTOCOL = 1;
export const ENTITY_ISCSI = 2;
export const ENTITY_IFCP = 3;

export const CHANGE_MEMBER_ADDED = 0x01;
export const CHANGE_MEMBER_REMOVED = 0x02;
export const CHANGE_UPDATED = 0x04;
export const CHANGE_ADDED = 0x08;
export const CHANGE_REMOVED = 0x10;
/** Of the whole network; for control nodes. */
export const CHANGE_MANAGEMENT = 0x20;
export const CHANGE_TARGETS_ONLY = 0x40;
export const CHANGE_INITIATORS_ONLY = 0x80;

export const DOMAIN_SET_ENABLED = 0x1;

const words = (names: readonly (readonly [number, string])[], value: number): string[] =>
  names.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);

export const nodeTypeWords = (type: number): string[] =>
  words(
    [
      [NODE_TARGET, 'target'],
      [NODE_INITIATOR, 'initiator'],
      [NODE_CONTROL, 'control'],
    ],
    type,
  );

export const changeWords = (bitmap: number): string[] =>
  words(
    [
      [CHANGE_ADDED, 'added'],
      [CHANGE_REMOVED, 'removed'],
      [CHANGE_UPDATED, 'updated'],
      [CHANGE_MEMBER_ADDED, 'member added'],
      [CHANGE_MEMBER_REMOVED, 'member removed'],
    ],
    bitmap,
  );

export const protocolWords = (protocol: number): string =>
  ({ [ENTITY_NO_PROTOCOL]: 'none', [ENTITY_ISCSI]: 'iSCSI', [ENTITY_IFCP]: 'iFCP' })[protocol] ?? `protocol ${protocol}`;
