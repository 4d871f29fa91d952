/** Rules over arrays, their targets and what hosts log in to: SW-1001 to SW-1038. */
import type { Rule } from '../../rule.ts';
import { adapterBursts } from './adapter-bursts.ts';
import { announceWithoutPort } from './announce-without-port.ts';
import { anyWithoutChap } from './any-without-chap.ts';
import { boundFamily } from './bound-family.ts';
import { burstLengths } from './burst-lengths.ts';
import { chapBypass } from './chap-bypass.ts';
import { chapMismatch } from './chap-mismatch.ts';
import { digestMismatch } from './digest-mismatch.ts';
import { duplicateAnnounce } from './duplicate-announce.ts';
import { duplicateGroup } from './duplicate-group.ts';
import { duplicateInitiator } from './duplicate-initiator.ts';
import { duplicateLun } from './duplicate-lun.ts';
import { duplicatePortal } from './duplicate-portal.ts';
import { duplicateSerial } from './duplicate-serial.ts';
import { duplicateTarget } from './duplicate-target.ts';
import { hostInitiator } from './host-initiator.ts';
import { idleAdapter } from './idle-adapter.ts';
import { memorySize } from './memory-size.ts';
import { noActiveGroup } from './no-active-group.ts';
import { noLunZero } from './no-lun-zero.ts';
import { noLuns } from './no-luns.ts';
import { openPortal } from './open-portal.ts';
import { partialGroup } from './partial-group.ts';
import { physicalBlock } from './physical-block.ts';
import { redirectLoop } from './redirect-loop.ts';
import { repeatedTarget } from './repeated-target.ts';
import { sameSecret } from './same-secret.ts';
import { sameUser } from './same-user.ts';
import { sharedFile } from './shared-file.ts';
import { sharedState } from './shared-state.ts';
import { storePath } from './store-path.ts';
import { strayServer } from './stray-server.ts';
import { unknownGroup } from './unknown-group.ts';
import { unknownHostTarget } from './unknown-host-target.ts';
import { unknownPortal } from './unknown-portal.ts';
import { unknownServer } from './unknown-server.ts';
import { unlistedHost } from './unlisted-host.ts';
import { wholeBlocks } from './whole-blocks.ts';

export const STORAGE_RULES: readonly Rule[] = [
  duplicateTarget,
  duplicatePortal,
  duplicateLun,
  openPortal,
  anyWithoutChap,
  sharedFile,
  wholeBlocks,
  sameSecret,
  sameUser,
  announceWithoutPort,
  physicalBlock,
  memorySize,
  storePath,
  unknownPortal,
  noLuns,
  duplicateInitiator,
  duplicateSerial,
  duplicateAnnounce,
  noLunZero,
  burstLengths,
  chapBypass,
  sharedState,
  redirectLoop,
  partialGroup,
  unknownGroup,
  duplicateGroup,
  noActiveGroup,
  hostInitiator,
  unknownServer,
  strayServer,
  unknownHostTarget,
  boundFamily,
  digestMismatch,
  chapMismatch,
  unlistedHost,
  adapterBursts,
  idleAdapter,
  repeatedTarget,
];
