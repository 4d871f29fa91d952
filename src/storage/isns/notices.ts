/** What a server says by itself, and what a client answers: State Change Notifications (RFC 4171 §5.6.5.8) and Entity Status Inquiries (§5.6.5.13). */
import type { Attribute } from '../../wire/isns/attribute.ts';
import { changeWords } from '../../wire/isns/bitmaps.ts';
import {
  ENTITY_STATUS_INQUIRY,
  RESPONSE_BIT,
  STATE_CHANGE_NOTIFICATION,
  STATUS_MESSAGE_FORMAT_ERROR,
  STATUS_NO_SUCH_ENTRY,
  STATUS_NOT_SUPPORTED,
  STATUS_SUCCESSFUL,
} from '../../wire/isns/function.ts';
import type { Message } from '../../wire/isns/message.ts';
import * as tags from '../../wire/isns/tags.ts';

export interface NodeChange {
  /** Of RFC 4171 §6.4.4. */
  readonly bitmap: number;
  /** The node it happened to; undefined: a discovery domain changed. */
  readonly node: string | undefined;
  readonly domains: readonly number[];
}

export type Notice =
  | { readonly type: 'changes'; readonly node: string; readonly timeSeconds: number | undefined; readonly changes: readonly NodeChange[] }
  | { readonly type: 'inquiry'; readonly entity: string; readonly portal: { readonly address: string; readonly port: number } };

export interface NoticeAnswer {
  readonly response: Message;
  /** Undefined: it was refused, and `reason` says why. */
  readonly notice: Notice | undefined;
  readonly reason?: string;
}

/** `owns`: whether an entity is ours, so that an inquiry for another is not answered in its name. */
export function answerNotice(message: Message, owns: (entity: string) => boolean): NoticeAnswer {
  if (message.functionId === STATE_CHANGE_NOTIFICATION) return answerChanges(message);
  if (message.functionId === ENTITY_STATUS_INQUIRY) return answerInquiry(message, owns);
  return refuse(message, STATUS_NOT_SUPPORTED, 'clients do not answer such messages');
}

const responseTo = (message: Message, status: number, attributes: readonly Attribute[]): Message => ({
  functionId: message.functionId | RESPONSE_BIT,
  transactionId: message.transactionId,
  sender: 'client',
  replace: false,
  status,
  attributes,
});

const refuse = (message: Message, status: number, reason: string): NoticeAnswer => ({
  response: responseTo(message, status, []),
  notice: undefined,
  reason,
});

function answerChanges(message: Message): NoticeAnswer {
  const [destination, ...rest] = message.attributes;
  if (destination?.tag !== tags.TAG_NODE_NAME || typeof destination.value !== 'string')
    return refuse(message, STATUS_MESSAGE_FORMAT_ERROR, 'it does not say whom it is for');
  const timestamp = rest[0]?.tag === tags.TAG_TIMESTAMP ? (rest.shift()!.value as number | undefined) : undefined;
  const changes: { bitmap: number; node: string | undefined; domains: number[] }[] = [];
  for (const { tag, value } of rest) {
    const current = changes.at(-1);
    if (tag === tags.TAG_NODE_NOTIFICATIONS && value !== undefined) changes.push({ bitmap: value as number, node: undefined, domains: [] });
    else if (current === undefined) return refuse(message, STATUS_MESSAGE_FORMAT_ERROR, 'a change without a bitmap before it');
    // RFC 4171 §5.6.5.8: the bitmap sets one change apart from the next; some servers give several nodes one bitmap.
    else if (tag === tags.TAG_NODE_NAME && current.node === undefined) current.node = value as string | undefined;
    else if (tag === tags.TAG_NODE_NAME) changes.push({ bitmap: current.bitmap, node: value as string | undefined, domains: [] });
    else if (tag === tags.TAG_DOMAIN_ID && value !== undefined) current.domains.push(value as number);
  }
  return {
    // RFC 4171 §5.7.5.8: with the node that it was for.
    response: responseTo(message, STATUS_SUCCESSFUL, [destination]),
    notice: { type: 'changes', node: destination.value, timeSeconds: timestamp, changes },
  };
}

function answerInquiry(message: Message, owns: (entity: string) => boolean): NoticeAnswer {
  const value = (tag: number): Attribute['value'] => message.attributes.find((one) => one.tag === tag)?.value;
  const entity = value(tags.TAG_ENTITY_IDENTIFIER);
  const address = value(tags.TAG_PORTAL_ADDRESS);
  const port = value(tags.TAG_PORTAL_PORT);
  if (entity === undefined || address === undefined || port === undefined)
    return refuse(message, STATUS_MESSAGE_FORMAT_ERROR, 'it does not say after what it asks');
  if (!owns(entity as string)) return refuse(message, STATUS_NO_SUCH_ENTRY, `${entity as string} is not registered from here`);
  return {
    // RFC 4171 §5.7.5.13: the attributes of the inquiry, in their order.
    response: responseTo(message, STATUS_SUCCESSFUL, message.attributes),
    notice: { type: 'inquiry', entity: entity as string, portal: { address: address as string, port: (port as number) & 0xffff } },
  };
}

/** `added iqn.2026-01.net.example:disk1`. */
export const describeChange = ({ bitmap, node, domains }: NodeChange): string =>
  [changeWords(bitmap).join(' and ') || 'changed', node ?? '', ...domains.map((id) => `in domain ${id}`)]
    .filter((word) => word !== '')
    .join(' ');
