/** Everything that can be asked of a running fabric. */
import { eventOperations } from './events.ts';
import { fabricOperations } from './fabric.ts';
import { hostOperations } from './hosts.ts';
import { networkOperations } from './network.ts';
import type { Operation } from './operation.ts';
import { pathOperations } from './paths.ts';
import { storageOperations } from './storage.ts';

export const OPERATIONS: readonly Operation[] = [
  ...fabricOperations,
  ...networkOperations,
  ...hostOperations,
  ...pathOperations,
  ...storageOperations,
  ...eventOperations,
];
