/**
 * Spanning tree frames that others made, captured between two bridges in network namespaces: Linux 6.18 (`stp_state 1`) and the rapid
 * spanning tree of Open vSwitch 3.1.0; with each, its flags as tshark 4.0 reads them.
 */
import { fromHex } from '../../../base/bytes.ts';

interface GoldenBpdu {
  readonly frame: Uint8Array;
  readonly source: number;
  /** `stp.flags`; a notification has none. */
  readonly flags: number | undefined;
}

const golden = (flags: number | undefined, source: number, hexadecimal: string): GoldenBpdu => ({
  frame: fromHex(hexadecimal),
  source,
  flags,
});

export const linuxConfiguration = golden(
  0x00,
  0x0200_0000_aa01,
  '0180c200000002000000aa0100264242030000000000800002000000aa0100000000800002000000aa0180010000140002000400',
);

/** The root, which a neighbour told of a topology change. */
export const linuxAcknowledgment = golden(
  0x81,
  0x0200_0000_bb01,
  '0180c200000002000000bb0100264242030000000081100002000000bb0100000000100002000000bb0180010000140002000400',
);

export const linuxNotification = golden(undefined, 0x0200_0000_aa01, '0180c200000002000000aa01000742420300000080');

export const openVSwitchProposal = golden(
  0x0e,
  0x0200_0000_cc01,
  '0180c200000002000000cc010027424203000002020e20006ee1b474bd420000000020006ee1b474bd4280010000140002000f0000',
);

/** The root port's answer. */
export const openVSwitchAgreement = golden(
  0x79,
  0x0200_0000_cc02,
  '0180c200000002000000cc020027424203000002027920006ee1b474bd42000007d08000024615e0d14980010100140002000f0000',
);

export const openVSwitchForwarding = golden(
  0x3c,
  0x0200_0000_cc01,
  '0180c200000002000000cc010027424203000002023c20006ee1b474bd420000000020006ee1b474bd4280010000140002000f0000',
);

export const ALL_BPDUS: readonly GoldenBpdu[] = [
  linuxConfiguration,
  linuxAcknowledgment,
  linuxNotification,
  openVSwitchProposal,
  openVSwitchAgreement,
  openVSwitchForwarding,
];
