/** Bridge protocol data units (IEEE 802.1D-2004 §9) of spanning tree and rapid spanning tree, in LLC frames to the bridge group address. */
import { be16, be32, be48, DecodeError, putBe16, putBe32, putBe48 } from '../../base/bytes.ts';
import { decodeEthernet, ETHERNET_HEADER_BYTES, FRAME_BYTES_MIN, putEthernet } from './frame.ts';
import { BRIDGE_GROUP_MAC, formatMac, type Mac } from './mac.ts';

/** A bridge's name and rank (§9.2.5): the lower comes first, its priority before its address. */
export interface BridgeIdentifier {
  /** 16 bits; the lowest 12 belong to the system identifier, 0 here. */
  readonly priority: number;
  readonly address: Mac;
}

/** What a port is for (§17.7). The wire has one value for alternate and backup ports, and one for unknown. */
export type BpduPortRole = 'unknown' | 'alternate-or-backup' | 'root' | 'designated';

/** What configuration BPDUs and rapid spanning tree BPDUs have in common. */
export interface BpduInformation {
  readonly topologyChange: boolean;
  readonly topologyChangeAcknowledgment: boolean;
  readonly root: BridgeIdentifier;
  readonly rootPathCost: number;
  readonly bridge: BridgeIdentifier;
  /** 4 bits priority, 12 bits port number (§9.2.7). */
  readonly port: number;
  /** Times stand on the wire in units of 1/256 s (§9.2.8). */
  readonly messageAgeSeconds: number;
  readonly maxAgeSeconds: number;
  readonly helloTimeSeconds: number;
  readonly forwardDelaySeconds: number;
}

/** §9.3.1, of bridges that know no rapid spanning tree. */
export interface ConfigurationBpdu extends BpduInformation {
  readonly type: 'configuration';
}

/** §9.3.2: tells the root of such bridges that the topology changed. */
export interface TopologyChangeNotificationBpdu {
  readonly type: 'topology-change-notification';
}

/** RST BPDU (§9.3.3). */
export interface RapidBpdu extends BpduInformation {
  readonly type: 'rapid';
  readonly proposal: boolean;
  readonly role: BpduPortRole;
  readonly learning: boolean;
  readonly forwarding: boolean;
  readonly agreement: boolean;
}

export type Bpdu = ConfigurationBpdu | TopologyChangeNotificationBpdu | RapidBpdu;

/** IEEE 802.2's address of the spanning tree protocol (§7.12.3), and its control for unnumbered information. */
export const SPANNING_TREE_SERVICE = 0x42;
const UNNUMBERED_INFORMATION = 0x03;
const LLC_BYTES = 3;

const TYPE_CONFIGURATION = 0x00;
const TYPE_RAPID = 0x02;
const TYPE_TOPOLOGY_CHANGE_NOTIFICATION = 0x80;
const VERSION_RAPID = 2;

const CONFIGURATION_BYTES = 35;
const RAPID_BYTES = 36;
const NOTIFICATION_BYTES = 4;

/** Flags (§9.3.3): bits 1 to 8, of which a configuration BPDU has the first and the last. */
const TOPOLOGY_CHANGE = 0x01;
const PROPOSAL = 0x02;
const ROLE_SHIFT = 2;
const LEARNING = 0x10;
const FORWARDING = 0x20;
const AGREEMENT = 0x40;
const TOPOLOGY_CHANGE_ACKNOWLEDGMENT = 0x80;
const ROLES: readonly BpduPortRole[] = ['unknown', 'alternate-or-backup', 'root', 'designated'];

/**
 * A BPDU behind its LLC header. Throws DecodeError. Bytes behind the known ones are ignored (§9.3.4), so that what multiple spanning tree
 * adds does not disturb.
 */
export function decodeBpdu(frame: Uint8Array, at: number, end = frame.length): Bpdu {
  if (end - at < NOTIFICATION_BYTES) throw new DecodeError('bpdu', at, `${end - at} bytes are no BPDU`);
  if (be16(frame, at) !== 0) throw new DecodeError('bpdu', at, `unknown protocol ${be16(frame, at)}`);
  const [version, type] = [frame[at + 2]!, frame[at + 3]!];
  if (type === TYPE_TOPOLOGY_CHANGE_NOTIFICATION) return { type: 'topology-change-notification' };
  const rapid = type === TYPE_RAPID;
  if (rapid && version < VERSION_RAPID) throw new DecodeError('bpdu', at + 2, `a rapid spanning tree BPDU of version ${version}`);
  if (!rapid && type !== TYPE_CONFIGURATION) throw new DecodeError('bpdu', at + 3, `unknown type ${type}`);
  if (end - at < (rapid ? RAPID_BYTES : CONFIGURATION_BYTES)) throw new DecodeError('bpdu', at, `a BPDU cut to ${end - at} bytes`);
  const flags = frame[at + 4]!;
  const information: BpduInformation = {
    topologyChange: (flags & TOPOLOGY_CHANGE) !== 0,
    topologyChangeAcknowledgment: (flags & TOPOLOGY_CHANGE_ACKNOWLEDGMENT) !== 0,
    root: { priority: be16(frame, at + 5), address: be48(frame, at + 7) },
    rootPathCost: be32(frame, at + 13),
    bridge: { priority: be16(frame, at + 17), address: be48(frame, at + 19) },
    port: be16(frame, at + 25),
    messageAgeSeconds: be16(frame, at + 27) / 256,
    maxAgeSeconds: be16(frame, at + 29) / 256,
    helloTimeSeconds: be16(frame, at + 31) / 256,
    forwardDelaySeconds: be16(frame, at + 33) / 256,
  };
  if (!rapid) {
    // §9.3.4: information past its age says nothing. In a rapid spanning tree BPDU it does: what was known before is gone (§17.21.23).
    if (information.messageAgeSeconds >= information.maxAgeSeconds) throw new DecodeError('bpdu', at + 27, 'the message is past its age');
    return { type: 'configuration', ...information };
  }
  return {
    type: 'rapid',
    ...information,
    proposal: (flags & PROPOSAL) !== 0,
    role: ROLES[(flags >>> ROLE_SHIFT) & 3]!,
    learning: (flags & LEARNING) !== 0,
    forwarding: (flags & FORWARDING) !== 0,
    agreement: (flags & AGREEMENT) !== 0,
  };
}

/** A frame to the bridge group address; undefined where it carries another protocol than spanning tree. Throws DecodeError. */
export function decodeBpduFrame(frame: Uint8Array): Bpdu | undefined {
  const { llc, payloadAt, payloadEnd, tags } = decodeEthernet(frame);
  // Spanning tree knows no VLANs, and its frames no tags (§7.12.3); tagged ones are a maker's own protocol.
  if (tags.length !== 0) return undefined;
  if (llc?.destination !== SPANNING_TREE_SERVICE || llc.source !== SPANNING_TREE_SERVICE || llc.control !== UNNUMBERED_INFORMATION)
    return undefined;
  return decodeBpdu(frame, payloadAt, payloadEnd);
}

function bpduBytes({ type }: Bpdu): number {
  if (type === 'topology-change-notification') return NOTIFICATION_BYTES;
  return type === 'rapid' ? RAPID_BYTES : CONFIGURATION_BYTES;
}

/** A whole frame from the port's own address, padded to the least that Ethernet takes. */
export function encodeBpduFrame(bpdu: Bpdu, source: Mac): Uint8Array {
  const bytes = bpduBytes(bpdu);
  const at = ETHERNET_HEADER_BYTES + LLC_BYTES;
  const frame = new Uint8Array(Math.max(FRAME_BYTES_MIN, at + bytes));
  putEthernet(frame, 0, BRIDGE_GROUP_MAC, source, LLC_BYTES + bytes);
  frame.set([SPANNING_TREE_SERVICE, SPANNING_TREE_SERVICE, UNNUMBERED_INFORMATION], ETHERNET_HEADER_BYTES);
  if (bpdu.type === 'topology-change-notification') {
    frame[at + 3] = TYPE_TOPOLOGY_CHANGE_NOTIFICATION;
    return frame;
  }
  if (bpdu.type === 'rapid') {
    frame[at + 2] = VERSION_RAPID;
    frame[at + 3] = TYPE_RAPID;
  }
  frame[at + 4] = flagsOf(bpdu);
  putBe16(frame, at + 5, bpdu.root.priority);
  putBe48(frame, at + 7, bpdu.root.address);
  putBe32(frame, at + 13, bpdu.rootPathCost);
  putBe16(frame, at + 17, bpdu.bridge.priority);
  putBe48(frame, at + 19, bpdu.bridge.address);
  putBe16(frame, at + 25, bpdu.port);
  putTime(frame, at + 27, bpdu.messageAgeSeconds);
  putTime(frame, at + 29, bpdu.maxAgeSeconds);
  putTime(frame, at + 31, bpdu.helloTimeSeconds);
  putTime(frame, at + 33, bpdu.forwardDelaySeconds);
  return frame;
}

const putTime = (frame: Uint8Array, at: number, seconds: number): void => putBe16(frame, at, Math.min(0xffff, Math.round(seconds * 256)));

function flagsOf(bpdu: ConfigurationBpdu | RapidBpdu): number {
  let flags = 0;
  if (bpdu.topologyChange) flags |= TOPOLOGY_CHANGE;
  if (bpdu.topologyChangeAcknowledgment) flags |= TOPOLOGY_CHANGE_ACKNOWLEDGMENT;
  if (bpdu.type === 'configuration') return flags;
  if (bpdu.proposal) flags |= PROPOSAL;
  flags |= ROLES.indexOf(bpdu.role) << ROLE_SHIFT;
  if (bpdu.learning) flags |= LEARNING;
  if (bpdu.forwarding) flags |= FORWARDING;
  if (bpdu.agreement) flags |= AGREEMENT;
  return flags;
}

/** `8000.02:00:00:00:0a:01`, as bridges are named in print. */
export const formatBridgeIdentifier = ({ priority, address }: BridgeIdentifier): string =>
  `${priority.toString(16).padStart(4, '0')}.${formatMac(address)}`;

/** One line for people. */
export function describeBpdu(bpdu: Bpdu): string {
  if (bpdu.type === 'topology-change-notification') return 'STP topology change notification';
  const rapid = bpdu.type === 'rapid' ? bpdu : undefined;
  const flags = [
    bpdu.topologyChange && 'topology change',
    rapid?.proposal === true && 'proposal',
    rapid?.learning === true && 'learning',
    rapid?.forwarding === true && 'forwarding',
    rapid?.agreement === true && 'agreement',
    bpdu.topologyChangeAcknowledgment && 'topology change acknowledgment',
  ].filter((flag) => flag !== false);
  return [
    rapid === undefined ? 'STP configuration' : `RSTP ${rapid.role}`,
    flags.length === 0 ? '' : ` [${flags.join(', ')}]`,
    ` root ${formatBridgeIdentifier(bpdu.root)} at cost ${bpdu.rootPathCost}`,
    `, bridge ${formatBridgeIdentifier(bpdu.bridge)} port ${bpdu.port.toString(16).padStart(4, '0')}`,
    `, age ${bpdu.messageAgeSeconds} of ${bpdu.maxAgeSeconds} s, hello ${bpdu.helloTimeSeconds} s, delay ${bpdu.forwardDelaySeconds} s`,
  ].join('');
}
