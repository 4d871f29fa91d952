/** The fabric as the page sees it, live. */
export { type Api, ApiError } from './api.ts';
export { EVENTS_MAX, type KnownEvents } from './event-list.ts';
export { entrances } from './entrances.ts';
export type { Clocked } from './fabric-store.ts';
export type { Connection } from './feed-client.ts';
export type { Health, Tone } from './health.ts';
export {
  useConnection,
  useEvents,
  useHosts,
  useLatest,
  useLink,
  useLinks,
  useNodeDetail,
  useNodeHealth,
  useSessions,
  useTopology,
  useTotals,
  useUnits,
  useWatch,
  useWorld,
} from './hooks.ts';
export { live } from './live.ts';
export { pathCounts, pathTroubles } from './paths.ts';
