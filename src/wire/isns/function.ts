/** What iSNS messages are about (RFC 4171 §4.1.3: function IDs), and how their answers say what came of it (§5.4: status codes). */

export const DEVICE_ATTRIBUTE_REGISTRATION = 0x0001;
export const DEVICE_ATTRIBUTE_QUERY = 0x0002;
export const DEVICE_GET_NEXT = 0x0003;
export const DEVICE_DEREGISTRATION = 0x0004;
export const STATE_CHANGE_REGISTRATION = 0x0005;
export const STATE_CHANGE_DEREGISTRATION = 0x0006;
export const STATE_CHANGE_EVENT = 0x0007;
export const STATE_CHANGE_NOTIFICATION = 0x0008;
export const DISCOVERY_DOMAIN_REGISTRATION = 0x0009;
export const DISCOVERY_DOMAIN_DEREGISTRATION = 0x000a;
export const DISCOVERY_DOMAIN_SET_REGISTRATION = 0x000b;
export const DISCOVERY_DOMAIN_SET_DEREGISTRATION = 0x000c;
export const ENTITY_STATUS_INQUIRY = 0x000d;
export const HEARTBEAT = 0x000e;

/** RFC 4171 §5.1.2: set in the function ID of every response. */
export const RESPONSE_BIT = 0x8000;

export const isResponse = (functionId: number): boolean => (functionId & RESPONSE_BIT) !== 0;

/** RFC 4171's own abbreviations: they are what other tools show. */
const NAMES: Readonly<Record<number, string>> = {
  [DEVICE_ATTRIBUTE_REGISTRATION]: 'DevAttrReg',
  [DEVICE_ATTRIBUTE_QUERY]: 'DevAttrQry',
  [DEVICE_GET_NEXT]: 'DevGetNext',
  [DEVICE_DEREGISTRATION]: 'DevDereg',
  [STATE_CHANGE_REGISTRATION]: 'SCNReg',
  [STATE_CHANGE_DEREGISTRATION]: 'SCNDereg',
  [STATE_CHANGE_EVENT]: 'SCNEvent',
  [STATE_CHANGE_NOTIFICATION]: 'SCN',
  [DISCOVERY_DOMAIN_REGISTRATION]: 'DDReg',
  [DISCOVERY_DOMAIN_DEREGISTRATION]: 'DDDereg',
  [DISCOVERY_DOMAIN_SET_REGISTRATION]: 'DDSReg',
  [DISCOVERY_DOMAIN_SET_DEREGISTRATION]: 'DDSDereg',
  [ENTITY_STATUS_INQUIRY]: 'ESI',
  [HEARTBEAT]: 'Heartbeat',
};

export function functionName(functionId: number): string {
  const name = NAMES[functionId & ~RESPONSE_BIT];
  if (name === undefined) return `function 0x${functionId.toString(16).padStart(4, '0')}`;
  return isResponse(functionId) ? `${name}Rsp` : name;
}

export const STATUS_SUCCESSFUL = 0;
export const STATUS_MESSAGE_FORMAT_ERROR = 2;
export const STATUS_INVALID_REGISTRATION = 3;
export const STATUS_SOURCE_UNKNOWN = 6;
export const STATUS_NO_SUCH_ENTRY = 9;
export const STATUS_INTERNAL_ERROR = 11;
export const STATUS_BUSY = 12;
export const STATUS_NOT_SUPPORTED = 15;
export const STATUS_NOTIFICATION_REJECTED = 17;
export const STATUS_INQUIRY_NOT_AVAILABLE = 21;

/** RFC 4171 §5.4; 4 and from 24 on are reserved. */
const STATUS_WORDS: Readonly<Record<number, string>> = {
  [STATUS_SUCCESSFUL]: 'successful',
  1: 'unknown error',
  [STATUS_MESSAGE_FORMAT_ERROR]: 'message format error',
  [STATUS_INVALID_REGISTRATION]: 'invalid registration',
  5: 'invalid query',
  [STATUS_SOURCE_UNKNOWN]: 'source unknown',
  7: 'source absent',
  8: 'source unauthorized',
  [STATUS_NO_SUCH_ENTRY]: 'no such entry',
  10: 'version not supported',
  [STATUS_INTERNAL_ERROR]: 'internal error',
  [STATUS_BUSY]: 'busy',
  13: 'option not understood',
  14: 'invalid update',
  [STATUS_NOT_SUPPORTED]: 'message not supported',
  16: 'state change event rejected',
  [STATUS_NOTIFICATION_REJECTED]: 'registration for state change notifications rejected',
  18: 'attribute not implemented',
  19: 'FC_DOMAIN_ID not available',
  20: 'FC_DOMAIN_ID not allocated',
  [STATUS_INQUIRY_NOT_AVAILABLE]: 'entity status inquiry not available',
  22: 'invalid deregistration',
  23: 'registration feature not supported',
};

export const statusWords = (status: number): string => STATUS_WORDS[status] ?? `reserved status ${status}`;
