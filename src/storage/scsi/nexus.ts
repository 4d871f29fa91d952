/** I_T nexus (SAM-5 §4.7): one initiator port as seen through one target port. */

export interface TargetPort {
  /** RELATIVE TARGET PORT IDENTIFIER (SPC-5 §4.3.4), 1 to 65535, unique in the SCSI target device. */
  readonly relativeId: number;
  /** SCSI name string of the port; for iSCSI `iqn...,t,0x0001` (RFC 7143 §4.4.1). */
  readonly name: string;
  /** TARGET PORT GROUP the port belongs to (SPC-5 §5.17.2). */
  readonly groupId: number;
}

export interface Nexus {
  /** Name of the initiator port; for iSCSI `iqn...,i,0x00023d000001`. With the target port it identifies the nexus across sessions. */
  readonly initiatorPort: string;
  /** Name of the initiator device alone, without the session: `iqn...`. */
  readonly initiatorName: string;
  /** TransportID (SPC-5 §7.6.4), a multiple of four bytes. */
  readonly transportId: Uint8Array;
  readonly targetPort: TargetPort;
}

/** A key that is equal for the same initiator port and target port, also after the session was made anew. */
export const nexusKey = (nexus: Nexus): string => portPairKey(nexus.initiatorPort, nexus.targetPort.relativeId);

/** The same key for a nexus that is known by the names of its two ports alone. */
export const portPairKey = (initiatorPort: string, relativeTargetPortId: number): string => `${initiatorPort}|${relativeTargetPortId}`;
