/** What a segment does to a connection: the steps of RFC 9293 §3.10.7.3 and §3.10.7.4, with RFC 5961 against those who guess, and RFC 7323. */
import { type Nanos, SECOND } from '../../base/clock.ts';
import { serialLess } from '../../base/serial.ts';
import { ACK, CWR, ECE, FIN, RST, SYN, URG } from '../../wire/ip/tcp.ts';
import { DELAYED_ACK } from './deadlines.ts';
import { type Segment, segmentLength } from './segment.ts';
import type { SizedConnection } from './path-size.ts';

/** RFC 7323 §5.5: after so long without a segment, timestamps say nothing any more. */
const STAMP_LIFETIME_NANOS: Nanos = 24 * 86_400 * SECOND;

export function handleArrival(connection: SizedConnection, segment: Segment): void {
  if (connection.state === 'syn-sent') return handleInSynSent(connection, segment);
  const { receiver, services } = connection;
  const { flags } = segment;
  const now = services.clock.now();
  if (connection.usesTimestamps && (flags & RST) === 0 && !stampIsGood(connection, segment, now)) return;
  const start = receiver.positionOf(segment.sequence);
  const length = segmentLength(segment);
  if (connection.state === 'syn-received' && (flags & SYN) !== 0 && start === 0 && (flags & RST) === 0) {
    // The peer's SYN again: our answer was lost; or both sides began at once (RFC 9293 §3.5, figure 7).
    if ((flags & ACK) === 0 || connection.isPassive) connection.sendSyn();
    else handleAcknowledgment(connection, segment, 1, now);
    return;
  }
  if (!isAcceptable(connection, start, length)) return handleUnacceptable(connection, segment, start, length);
  if ((flags & RST) !== 0) return handleReset(connection, start);
  if ((flags & SYN) !== 0) return connection.answerStray(); // RFC 5961 §4.2
  if ((flags & ACK) === 0) return;
  if (!handleAcknowledgment(connection, segment, start, now) || hasEnded(connection)) return;
  if ((flags & URG) !== 0) handleUrgent(connection, segment, start);
  if (segment.end > segment.at) handleData(connection, segment, start);
  if ((flags & FIN) !== 0) noteFin(connection, start + segment.end - segment.at);
  // Known before, reached now.
  if (receiver.next === receiver.finPosition && !hasEnded(connection)) {
    receiver.next += 1;
    connection.handleFin();
  }
}

/** Not a comparison the compiler thinks it knows the result of. */
const hasEnded = (connection: SizedConnection): boolean => connection.state === 'closed';

/** RFC 7323 §5: segments of long ago are told by their timestamps. False: it is dropped. */
function stampIsGood(connection: SizedConnection, segment: Segment, now: Nanos): boolean {
  const { options } = segment;
  // RFC 7323 §3.2: once agreed on, every segment has one.
  if (!options.hasTimestamps) return false;
  if (!serialLess(options.timestamp, connection.recentStamp) || now - connection.recentStampAt > STAMP_LIFETIME_NANOS) return true;
  connection.services.counters.pawsDrops += 1;
  const start = connection.receiver.positionOf(segment.sequence);
  // Delayed duplicates of what has come need no answer more than others; an answer repairs where the peer waits for one.
  if (segmentLength(segment) > 0 && start + segmentLength(segment) <= connection.receiver.next)
    connection.receiver.handleData(start, start + segment.end - segment.at, segment.frame, segment.at);
  connection.answerStray();
  return false;
}

/** RFC 9293 §3.4, table 6; what begins at RCV.NXT is let through to be looked at, as MUST-66 wants of a closed window. */
function isAcceptable(connection: SizedConnection, start: number, length: number): boolean {
  const { next, edge } = connection.receiver;
  if (start === next) return true;
  if (length === 0) return start > next && start < edge;
  return start + length > next && start < edge;
}

function handleUnacceptable(connection: SizedConnection, segment: Segment, start: number, length: number): void {
  const { services, receiver, acknowledger } = connection;
  services.counters.outOfWindow += 1;
  if ((segment.flags & RST) !== 0) return;
  const bytes = segment.end - segment.at;
  // What was sent again in vain is told of at once; anybody else may be asking for the same answer over and over.
  if (bytes > 0 && start + length <= receiver.next && (segment.flags & SYN) === 0) {
    receiver.handleData(start, start + bytes, segment.frame, segment.at);
    acknowledger.isDue = true;
  } else if (bytes > 0 && start >= receiver.edge) acknowledger.isDue = true;
  else connection.answerStray();
}

/** RFC 5961 §3.2: only the one who knows what is expected next can reset; others have to say it again. */
function handleReset(connection: SizedConnection, start: number): void {
  const { state, services, receiver } = connection;
  if (start !== receiver.next) return connection.answerStray();
  if (state === 'syn-received') {
    services.counters.attemptFails += 1;
    return connection.close('the peer refused the connection (ECONNREFUSED)');
  }
  if (state === 'established' || state === 'close-wait') services.counters.establishedResets += 1;
  // Both halves have ended: there is nothing to lose any more.
  connection.close(state === 'closing' || state === 'last-ack' ? undefined : 'the peer reset the connection (ECONNRESET)');
}

/** RFC 9293 §3.10.7.4, fifth. False: nothing more of the segment counts. */
function handleAcknowledgment(connection: SizedConnection, segment: Segment, start: number, now: Nanos): boolean {
  const { sender, services, acknowledger } = connection;
  const position = sender.positionOf(segment.acknowledgment);
  if (connection.state === 'syn-received') {
    if (position !== 1) {
      services.reset(connection, connection.path, segment.acknowledgment);
      return false;
    }
    takeStamp(connection, segment, start, now);
    sender.setWindow(start, 1, segment.window * 2 ** ((segment.flags & SYN) === 0 ? sender.windowShift : 0));
    services.leaveBacklog(connection);
    connection.establish();
    return true;
  }
  // RFC 5961 §5.2: neither what was never sent nor what is long past.
  if (position > sender.reachable || position < sender.acknowledged - sender.windowBytesMax) {
    connection.answerStray();
    return false;
  }
  takeStamp(connection, segment, start, now);
  if (position < sender.acknowledged) return true;
  const before = sender.acknowledged;
  sender.handleAck(position, start, segment, now);
  if (position > before) {
    connection.confirm(now);
    connection.softError = undefined;
    if (position > sender.finPosition && before <= sender.finPosition) connection.handleFinAcknowledged();
  }
  // RFC 3168 §6.1.3: the sender has heard of the mark.
  if (segment.end === segment.at && !acknowledger.exactMarks && (segment.flags & CWR) !== 0) acknowledger.echoesMark = false;
  return !hasEnded(connection);
}

/** RFC 7323 §4.3 (2). */
function takeStamp(connection: SizedConnection, { options }: Segment, start: number, now: Nanos): void {
  if (!connection.usesTimestamps || !options.hasTimestamps) return;
  if (start > connection.acknowledger.position || serialLess(options.timestamp, connection.recentStamp)) return;
  connection.recentStamp = options.timestamp;
  connection.recentStampAt = now;
}

/** RFC 9293 §3.8.5. The pointer stands behind the last urgent byte (§3.1). */
function handleUrgent(connection: SizedConnection, segment: Segment, start: number): void {
  const { receiver } = connection;
  const end = start + segment.urgentPointer;
  if (end <= connection.urgentPosition || end <= receiver.read || receiver.finPosition !== Number.POSITIVE_INFINITY) return;
  connection.urgentPosition = end;
  connection.user.urgent?.(connection, end - receiver.read);
}

function handleData(connection: SizedConnection, segment: Segment, start: number): void {
  const { receiver, acknowledger, sender, services, state } = connection;
  // After its FIN a peer has nothing more to say (RFC 9293 §3.10.7.4, seventh).
  if (state !== 'established' && state !== 'fin-wait-1' && state !== 'fin-wait-2') return;
  const bytes = segment.end - segment.at;
  if (sender.hasEcn) {
    if (segment.isMarked) services.counters.marked += 1;
    if (acknowledger.handleMark(segment.isMarked, (segment.flags & CWR) !== 0, receiver.next)) connection.acknowledgeNow();
    if (acknowledger.exactMarks) acknowledger.echoesMark = segment.isMarked;
  }
  const before = receiver.next;
  const arrived = receiver.handleData(start, start + bytes, segment.frame, segment.at);
  connection.bytesReceived += receiver.next - before;
  const wait = acknowledger.handleData(arrived, bytes, receiver.next);
  if (wait > 0 && !connection.deadlines.isSet(DELAYED_ACK)) connection.deadlines.set(DELAYED_ACK, wait);
}

function noteFin(connection: SizedConnection, position: number): void {
  const { receiver, acknowledger } = connection;
  // One FIN there is, behind everything that came; what a stranger says of another is not listened to.
  if (receiver.finPosition !== Number.POSITIVE_INFINITY || position < receiver.next || position > receiver.edge) return;
  if (position < receiver.highest) return;
  receiver.finPosition = position;
  acknowledger.isDue = true;
}

/** RFC 9293 §3.10.7.3. */
function handleInSynSent(connection: SizedConnection, segment: Segment): void {
  const { sender, services, acknowledger } = connection;
  const { flags } = segment;
  const acknowledges = (flags & ACK) !== 0;
  const isOurs = acknowledges && sender.positionOf(segment.acknowledgment) === 1;
  if (acknowledges && !isOurs) {
    if ((flags & RST) === 0) services.reset(connection, connection.path, segment.acknowledgment);
    return;
  }
  if ((flags & RST) !== 0) {
    if (!isOurs) return;
    services.counters.attemptFails += 1;
    return connection.close('the peer refused the connection (ECONNREFUSED)');
  }
  if ((flags & SYN) === 0) return;
  takeSyn(connection, segment);
  if (!isOurs) {
    // RFC 3168 §6.1.1 has no words for two offers that meet: no marks.
    connection.wantsEcn = false;
    return connection.answer();
  }
  connection.wantsEcn = connection.wantsEcn && (flags & (ECE | CWR)) === ECE;
  connection.acceptMarks();
  acknowledger.isDue = true;
  connection.establish();
}

/** What the peer's SYN says: where it begins, and what it can do. */
export function takeSyn(connection: SizedConnection, segment: Segment): void {
  const { sender, receiver, settings, size, services } = connection;
  const { options } = segment;
  receiver.initial = segment.sequence;
  if (options.segmentBytesMax !== -1) size.peerSegmentBytes = options.segmentBytesMax;
  sender.hasSack = settings.sack && options.sackPermitted;
  connection.usesTimestamps = settings.timestamps && options.hasTimestamps;
  if (connection.usesTimestamps) {
    connection.recentStamp = options.timestamp;
    connection.recentStampAt = services.clock.now();
  }
  const scales = settings.windowScaling && options.windowScale !== -1;
  connection.scales = scales;
  sender.windowShift = scales ? options.windowScale : 0;
  receiver.windowShift = scales ? size.windowShift : 0;
  // RFC 7323 §2.2: the window of a SYN is never scaled.
  sender.setWindow(0, 1, segment.window);
}
