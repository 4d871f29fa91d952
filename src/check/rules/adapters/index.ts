/** Rules over what adapters can do: functions, partitions, limits: SW-1170 to SW-1192. */
import type { Rule } from '../../rule.ts';
import { functionGuest } from './function-guest.ts';
import { functionLimit } from './function-limit.ts';
import { functionPeers } from './function-peers.ts';
import { guestList } from './guest-list.ts';
import { passThroughGuest } from './pass-through-guest.ts';
import { sharedFunction } from './shared-function.ts';
import { unknownFunction } from './unknown-function.ts';
import { vectorCount } from './vector-count.ts';
import { vectorLimit } from './vector-limit.ts';
import { windowsFunction } from './windows-function.ts';

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
];
