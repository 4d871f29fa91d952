/**
 * The iSCSI target (RFC 7143, 7144) as a library: a service that takes byte streams at its portals and serves SCSI target devices to
 * whoever logs in; and the initiator: sessions that send commands over byte streams. Sockets, clocks and randomness are handed in.
 */
export type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
export {
  ALL_CHAP_ALGORITHMS,
  type ChapAccount,
  type ChapAlgorithm,
  type ChapCredentials,
  ChapInitiator,
  type ChapInitiatorStep,
  type ChapProblem,
  chapResponse,
  type ChapStep,
  ChapTarget,
  OFFERED_CHAP_ALGORITHMS,
} from './chap.ts';
export type { Datamover, DatamoverSink } from './datamover.ts';
export {
  answersLetGo,
  connectionFailed,
  connectionKept,
  connectionShed,
  dataAskedAgain,
  dataDigestError,
  headerDigestError,
  loginRefused,
  loginTimedOut,
  pduRejected,
  peerSilent,
  recoveryExpired,
  sentAgain,
  sessionClosed,
  sessionOpened,
  sessionReinstated,
  taskManaged,
  taskReassigned,
} from './events.ts';
export { defaultLimits, offerOf, type TargetLimits } from './limits.ts';
export {
  type Admission,
  type Completion,
  type LoginIdentity,
  type LoginReply,
  type LoginResult,
  type LoginSink,
  type SessionType,
  TargetLogin,
} from './login-target.ts';
export {
  answerKey,
  defaultParameters,
  type DigestChoice,
  type KeyAnswer,
  type Offer,
  offerKeys,
  type Parameters,
  takeAnswer,
} from './parameters.ts';
export { PduDatamover } from './pdu-datamover.ts';
export { PduReader, type PduSink, type Placement } from './pdu-reader.ts';
export { PduWriter } from './pdu-writer.ts';
export type { DiscoveredTarget } from './send-targets.ts';
export type { Portal, TargetCounters } from './target-context.ts';
export type { Grant, TargetNode } from './target-node.ts';
export { type ServiceOptions, TargetService } from './target-service.ts';
export type { TargetSession } from './target-session.ts';
export * from './initiator/index.ts';
