/** Rules over teams of ports and the aggregation of switches: SW-1080 to SW-1098. */
import type { Rule } from '../../rule.ts';
import { aggregationEnds } from './aggregation-ends.ts';
import { aggregationMembers } from './aggregation-members.ts';
import { aggregationNeeded } from './aggregation-needed.ts';
import { aggregationUnwanted } from './aggregation-unwanted.ts';
import { distributedUplinks } from './distributed-uplinks.ts';
import { embeddedTeaming } from './embedded-teaming.ts';
import { failureDetection } from './failure-detection.ts';
import { hashOrder } from './hash-order.ts';
import { lacpMismatch } from './lacp-mismatch.ts';
import { memberSymmetry } from './member-symmetry.ts';
import { mlagPeer } from './mlag-peer.ts';
import { modeSupport } from './mode-support.ts';
import { portBinding } from './port-binding.ts';
import { portGroupNames } from './port-group-names.ts';
import { sharedFate } from './shared-fate.ts';
import { sharedPort } from './shared-port.ts';
import { singleUplink } from './single-uplink.ts';
import { unknownUplink } from './unknown-uplink.ts';
import { uplinkCount } from './uplink-count.ts';

export const TEAMS_RULES: readonly Rule[] = [
  unknownUplink,
  sharedPort,
  memberSymmetry,
  aggregationNeeded,
  aggregationUnwanted,
  lacpMismatch,
  modeSupport,
  failureDetection,
  hashOrder,
  aggregationMembers,
  aggregationEnds,
  mlagPeer,
  distributedUplinks,
  portGroupNames,
  uplinkCount,
  singleUplink,
  sharedFate,
  portBinding,
  embeddedTeaming,
];
