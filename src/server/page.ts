/** All that the page (`web/`) knows of the program: types. */
export type { Severity } from '../base/event.ts';
export type { AdapterReport, DeviceReport, HostReport, HostTargetReport, PathReport } from '../device/host-report.ts';
export type { MachineReport, NicReport, SwitchPortReport, SwitchReport } from '../device/network-report.ts';
export type { Problem } from '../fabric/problem.ts';
export type { LinkFaults } from '../runtime/link-faults.ts';
export type { LoggedEvent } from './event-log.ts';
export type { FeedHello, FeedMessage, FeedRequest, FeedStopping, FeedUpdate } from './view/feed.ts';
export type { NodeDetail } from './view/node-detail.ts';
export type { FabricState, History, LinkEndState, LinkState, SessionState, Totals, UnitState } from './view/state.ts';
export type { NodeKind, Topology, TopologyLink, TopologyNode } from './view/topology.ts';
