/** The iSNS client with sockets and promises (RFC 4171): questions, registrations, notices, and discovery. */
export { IsnsConnection, type IsnsOptions, type Registered } from './connection.ts';
export { discoverByIsns, type IsnsDiscoverOptions } from './discover.ts';
export { IsnsFailure } from './failure.ts';
export { listenForNotices, type NoticeListener } from './notice-listener.ts';
export { isnsServerOf } from './server-address.ts';
export { type Watch, watchIsns, type WatchOptions } from './watch.ts';
export {
  describeChange,
  type EntityRegistration,
  type IsnsLimits,
  type IsnsObject,
  type IsnsReason,
  type NodeChange,
  type NodeRegistration,
  type Notice,
  type PortalRegistration,
} from '../../storage/isns/index.ts';
