/** Rules over booting from the network: SW-1193 to SW-1207. */
import type { Rule } from '../../rule.ts';
import { bootAccess } from './boot-access.ts';
import { bootAddress } from './boot-address.ts';
import { bootAggregation } from './boot-aggregation.ts';
import { bootDigest } from './boot-digest.ts';
import { bootFcoe } from './boot-fcoe.ts';
import { bootInitiator } from './boot-initiator.ts';
import { bootLogin } from './boot-login.ts';
import { bootOption } from './boot-option.ts';
import { bootReach } from './boot-reach.ts';
import { bootServer } from './boot-server.ts';
import { bootTarget } from './boot-target.ts';
import { bootTwice } from './boot-twice.ts';
import { bootVendor } from './boot-vendor.ts';
import { bootVlan } from './boot-vlan.ts';
import { crashDump } from './crash-dump.ts';

export const BOOT_RULES: readonly Rule[] = [
  bootTarget,
  bootAddress,
  bootOption,
  bootVendor,
  bootLogin,
  bootAccess,
  bootVlan,
  bootReach,
  bootServer,
  bootAggregation,
  bootInitiator,
  bootTwice,
  bootDigest,
  bootFcoe,
  crashDump,
];
