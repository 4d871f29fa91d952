/**
 * iSNS (RFC 4171) for clients, without sockets: requests and their answers, keeping an entity registered, discovery, and what servers say by
 * themselves.
 */
export { type ClientCounters, type ClientSink, IsnsClient, type IsnsServices, type Request, type RequestDone } from './client.ts';
export { type Discovered, discoveredIn, discoverIsnsTargets, type IsnsDiscoveryDone } from './discovery.ts';
export { type IsnsError, isnsError, type IsnsReason } from './errors.ts';
export { defaultIsnsLimits, ISNS_PORT, type IsnsLimits } from './limits.ts';
export { decodeDatagram, MessageReader, type MessageSink } from './message-reader.ts';
export { acceptNotices, answerDatagram, type NoticeServices, takeNotice } from './notice-port.ts';
export { answerNotice, describeChange, type NodeChange, type Notice } from './notices.ts';
export * from './objects.ts';
export { Registrar, type RegistrarPlan, type RegistrarSink, type RegistrarState } from './registrar.ts';
export * from './requests.ts';
export { NODES_WALKED_MAX, type ObjectsDone, queryNodes } from './walk.ts';
