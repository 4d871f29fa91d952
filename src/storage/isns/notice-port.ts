/**
 * Where a server reaches a client: connections and datagrams that bring SCN and ESI messages (RFC 4171 §2.9.1, §2.9.2), each answered where
 * it came from. Whoever connects can say what he likes: what is told here is a reason to ask the server, not a fact.
 */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import { DecodeError } from '../../base/bytes.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import { describeMessage } from '../../wire/isns/describe.ts';
import { isResponse } from '../../wire/isns/function.ts';
import { encodeMessage, type Message } from '../../wire/isns/message.ts';
import { inquiryAnswered, nodesChanged, noticeRefused, protocolError, unexpectedMessage } from './events.ts';
import type { IsnsLimits } from './limits.ts';
import { decodeDatagram, MessageReader } from './message-reader.ts';
import { answerNotice, describeChange, type Notice } from './notices.ts';

export interface NoticeServices {
  readonly clock: Clock;
  readonly events: EventSink;
  /** Whom its events are about. */
  readonly source: string;
  /** Whether an entity is ours. */
  readonly owns: (entity: string) => boolean;
  readonly handleNotice: (notice: Notice, from: string) => void;
}

/** The answer to a message, for whatever way it came; the notice in it is told. Undefined: it was a response, which wants no answer. */
export function takeNotice(message: Message, from: string, services: NoticeServices): Message | undefined {
  const { events, source } = services;
  if (isResponse(message.functionId)) {
    unexpectedMessage(events, source, { server: from, message: describeMessage(message) });
    return undefined;
  }
  const { response, notice, reason } = answerNotice(message, services.owns);
  if (notice === undefined) noticeRefused(events, source, { from, message: describeMessage(message), reason: reason ?? '' });
  else {
    if (notice.type === 'inquiry') inquiryAnswered(events, source, { entity: notice.entity });
    else nodesChanged(events, source, { node: notice.node, changes: notice.changes.map(describeChange) });
    services.handleNotice(notice, from);
  }
  return response;
}

export interface AcceptedNotices {
  readonly receiver: ByteStreamReceiver;
  attach(stream: ByteStream): void;
}

/** A connection that somebody opened to us. */
export function acceptNotices(limits: IsnsLimits, services: NoticeServices): AcceptedNotices {
  let stream: ByteStream | undefined;
  let idle: Timer | undefined;
  const watch = (): void => {
    idle?.cancel();
    idle = services.clock.after(limits.noticeIdleNanos, () => stream?.destroy());
  };
  const reader = new MessageReader(limits, {
    handleMessage: (message) => {
      if (stream === undefined) return;
      watch();
      const response = takeNotice(message, stream.remote, services);
      if (response !== undefined) stream.write(encodeMessage(response), undefined);
      if (stream.queuedBytes <= limits.unsentBytesMax) return;
      reader.stop();
      stream.destroy();
    },
    handleFormatError: (reason) => {
      protocolError(services.events, services.source, { server: stream?.remote ?? 'a server', reason });
      stream?.destroy();
    },
  });
  return {
    receiver: {
      nextBuffer: () => reader.nextBuffer(),
      handleBytes: (count) => reader.handleBytes(count),
      handleClose: () => {
        reader.stop();
        idle?.cancel();
      },
    },
    attach: (opened) => {
      stream = opened;
      watch();
    },
  };
}

/** The answer to a datagram; undefined: it gets none. */
export function answerDatagram(datagram: Uint8Array, from: string, services: NoticeServices): Uint8Array | undefined {
  try {
    const response = takeNotice(decodeDatagram(datagram), from, services);
    return response === undefined ? undefined : encodeMessage(response)[0];
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    protocolError(services.events, services.source, { server: from, reason: error.reason });
    return undefined;
  }
}
