/** One line for people about any iSNS message (RFC 4171 §5), for logs and failing tests. */
import { hex } from '../../base/bytes.ts';
import { decodePort } from './address.ts';
import type { Attribute } from './attribute.ts';
import { changeWords, nodeTypeWords, protocolWords } from './bitmaps.ts';
import { functionName, isResponse, statusWords } from './function.ts';
import type { Message } from './message.ts';
import {
  TAG_DELIMITER,
  TAG_DOMAIN_MEMBER_PORT,
  TAG_ENTITY_PROTOCOL,
  TAG_GROUP_PORTAL_PORT,
  TAG_INQUIRY_PORT,
  TAG_NODE_NOTIFICATIONS,
  TAG_NODE_TYPE,
  TAG_NOTIFICATION_PORT,
  TAG_PORTAL_PORT,
  tagDefinition,
} from './tags.ts';

const PORTS: ReadonlySet<number> = new Set([
  TAG_PORTAL_PORT,
  TAG_INQUIRY_PORT,
  TAG_NOTIFICATION_PORT,
  TAG_GROUP_PORTAL_PORT,
  TAG_DOMAIN_MEMBER_PORT,
]);

function valueText({ tag, value }: Attribute): string {
  if (value instanceof Uint8Array) return hex(value.subarray(0, 32));
  if (typeof value !== 'number') return value ?? '';
  if (PORTS.has(tag)) return `${decodePort(value).port}/${decodePort(value).transport}`;
  if (tag === TAG_NODE_TYPE) return nodeTypeWords(value).join('+');
  if (tag === TAG_NODE_NOTIFICATIONS) return changeWords(value).join('+');
  if (tag === TAG_ENTITY_PROTOCOL) return protocolWords(value);
  return String(value);
}

/** `node type=target`; the name alone for a length of zero. */
export function describeAttribute(attribute: Attribute): string {
  if (attribute.tag === TAG_DELIMITER) return '|';
  const { name } = tagDefinition(attribute.tag);
  return attribute.value === undefined ? name : `${name}=${valueText(attribute)}`;
}

const SHOWN = 32;

export function describeMessage(message: Message): string {
  const status = isResponse(message.functionId) ? ` ${statusWords(message.status)}` : '';
  const replace = message.replace ? ' replace' : '';
  const shown = message.attributes.slice(0, SHOWN).map(describeAttribute);
  const more = message.attributes.length > SHOWN ? [`and ${message.attributes.length - SHOWN} more`] : [];
  return `${functionName(message.functionId)} ${message.transactionId}${status}${replace}: ${[...shown, ...more].join(', ')}`;
}
