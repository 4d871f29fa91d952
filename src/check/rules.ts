/** All rules, by number. A new rule is a file in `rules/` and a line here. */
import type { Rule } from './rule.ts';
import { adapterBursts } from './rules/adapter-bursts.ts';
import { announceWithoutPort } from './rules/announce-without-port.ts';
import { anyWithoutChap } from './rules/any-without-chap.ts';
import { boundFamily } from './rules/bound-family.ts';
import { burstLengths } from './rules/burst-lengths.ts';
import { chapBypass } from './rules/chap-bypass.ts';
import { chapMismatch } from './rules/chap-mismatch.ts';
import { digestMismatch } from './rules/digest-mismatch.ts';
import { duplicateAnnounce } from './rules/duplicate-announce.ts';
import { duplicateGroup } from './rules/duplicate-group.ts';
import { duplicateInitiator } from './rules/duplicate-initiator.ts';
import { duplicateLun } from './rules/duplicate-lun.ts';
import { duplicatePortal } from './rules/duplicate-portal.ts';
import { duplicateSerial } from './rules/duplicate-serial.ts';
import { duplicateTarget } from './rules/duplicate-target.ts';
import { hostInitiator } from './rules/host-initiator.ts';
import { idleAdapter } from './rules/idle-adapter.ts';
import { memorySize } from './rules/memory-size.ts';
import { noActiveGroup } from './rules/no-active-group.ts';
import { noLunZero } from './rules/no-lun-zero.ts';
import { noLuns } from './rules/no-luns.ts';
import { openPortal } from './rules/open-portal.ts';
import { partialGroup } from './rules/partial-group.ts';
import { physicalBlock } from './rules/physical-block.ts';
import { redirectLoop } from './rules/redirect-loop.ts';
import { repeatedTarget } from './rules/repeated-target.ts';
import { sameSecret } from './rules/same-secret.ts';
import { sameUser } from './rules/same-user.ts';
import { sharedFile } from './rules/shared-file.ts';
import { sharedState } from './rules/shared-state.ts';
import { storePath } from './rules/store-path.ts';
import { strayServer } from './rules/stray-server.ts';
import { unknownGroup } from './rules/unknown-group.ts';
import { unknownHostTarget } from './rules/unknown-host-target.ts';
import { unknownPortal } from './rules/unknown-portal.ts';
import { unknownServer } from './rules/unknown-server.ts';
import { unlistedHost } from './rules/unlisted-host.ts';
import { wholeBlocks } from './rules/whole-blocks.ts';

export const RULES: readonly Rule[] = [
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
