/** Rules over who may reach what: names, secrets, discovery, iSER. */
import type { Rule } from '../../rule.ts';
import { bindingInterface } from './binding-interface.ts';
import { bindingNetwork } from './binding-network.ts';
import { discoveryAddress } from './discovery-address.ts';
import { hbaPort } from './hba-port.ts';
import { iserArray } from './iser-array.ts';
import { iserDigests } from './iser-digests.ts';
import { iserHost } from './iser-host.ts';
import { iserPortal } from './iser-portal.ts';
import { nativeBlocks } from './native-blocks.ts';
import { softwarePort } from './software-port.ts';
import { systemAlgorithms } from './system-algorithms.ts';

export const ACCESS_RULES: readonly Rule[] = [
  iserPortal,
  iserHost,
  iserArray,
  iserDigests,
  discoveryAddress,
  hbaPort,
  softwarePort,
  bindingInterface,
  bindingNetwork,
  nativeBlocks,
  systemAlgorithms,
];
