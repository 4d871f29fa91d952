/** Rules over what adapters can do: functions, partitions, limits: SW-1170 to SW-1192, SW-1234 and SW-1235. */
import type { Rule } from '../../rule.ts';
import { adapterVectors } from './adapter-vectors.ts';
import { coalescingSwitch } from './coalescing-switch.ts';
import { driverFunctions } from './driver-functions.ts';
import { driverPorts } from './driver-ports.ts';
import { functionGuest } from './function-guest.ts';
import { functionLimit } from './function-limit.ts';
import { functionPeers } from './function-peers.ts';
import { guestList } from './guest-list.ts';
import { offloadModel } from './offload-model.ts';
import { offloadedConnections } from './offloaded-connections.ts';
import { oldFirmwareRule } from './old-firmware.ts';
import { partitionModel } from './partition-model.ts';
import { partitionSums } from './partition-sums.ts';
import { partitionTeam } from './partition-team.ts';
import { passThroughGuest } from './pass-through-guest.ts';
import { portKind } from './port-kind.ts';
import { receiveQueues } from './receive-queues.ts';
import { sharedFunction } from './shared-function.ts';
import { slotSplit } from './slot-split.ts';
import { switchFunctions } from './switch-functions.ts';
import { unknownFunction } from './unknown-function.ts';
import { vectorCount } from './vector-count.ts';
import { vectorLimit } from './vector-limit.ts';
import { windowsFunction } from './windows-function.ts';
import { winofLimits } from './winof-limits.ts';

export const ADAPTERS_RULES: readonly Rule[] = [
  functionLimit,
  unknownFunction,
  sharedFunction,
  vectorLimit,
  vectorCount,
  windowsFunction,
  guestList,
  passThroughGuest,
  functionGuest,
  functionPeers,
  driverPorts,
  driverFunctions,
  slotSplit,
  offloadModel,
  offloadedConnections,
  partitionModel,
  partitionSums,
  partitionTeam,
  receiveQueues,
  coalescingSwitch,
  switchFunctions,
  portKind,
  winofLimits,
  oldFirmwareRule,
  adapterVectors,
];
