/**
 * The iSCSI initiator (RFC 7143, SAM-5 initiator port) as a library without sockets: sessions, their commands, and discovery, over whatever
 * byte streams they are given. `samewire/initiator` is the same with sockets and promises.
 */
export { backOff } from './back-off.ts';
export { InitiatorConnection } from './connection.ts';
export type { AsyncMessage, Connection, ConnectionOwner, ConnectionServices, LogoutAnswer } from './connection-types.ts';
export { type DiscoveryDone, type DiscoveryPlan, discoverTargets, type FoundTarget, type TargetPortal, targetsOf } from './discovery.ts';
export { type InitiatorError, initiatorError, type InitiatorReason } from './errors.ts';
export { defaultInitiatorLimits, type InitiatorLimits, initiatorOffer } from './limits.ts';
export { type InitiatorAuthentication, InitiatorLogin, type LoggedIn, type LoginPhaseSink, type LoginPlan } from './login.ts';
export { IscsiNexus, IscsiPath } from './iscsi-path.ts';
export { KeptSession, type KeptSessionSink } from './kept-session.ts';
export { ISCSI_PORT, parsePortal, type PortalAddress, portalText } from './portal-address.ts';
export type { RecoveryCounters } from './recovery/counters.ts';
export { Scheduler, type SchedulerHost, type SchedulerOptions } from './scheduler.ts';
export { InitiatorSession } from './session.ts';
export type { SessionPlan, SessionServices, SessionSink, SessionState } from './session-types.ts';
export { type CommandRequest, InitiatorTask, type TaskState } from './task.ts';
export type { Dial, DialAttempt } from './transport.ts';
export { type IscsiUrl, iscsiUrlText, type ParsedUrl, parseIscsiUrl } from './url.ts';
