/** Names of logical units that are world wide unique and the same after every restart (SPC-5 §7.8.6.6.5, NAA 6h). */
import { sha256 } from '@noble/hashes/sha2.js';
import { hex, utf8Bytes } from '../base/bytes.ts';
import type { UnitIdentity } from '../storage/scsi/logical-unit.ts';

/** An organization's number with the "locally administered" bit set (IEEE 802): 02-53-57, nobody's to assign. */
const ORGANIZATION = 0x02_53_57;

const REVISION = '0001';

export interface IdentityDeclaration {
  readonly target: string;
  readonly lun: number;
  readonly serial: string | undefined;
  readonly vendor: string;
  readonly product: string;
}

/** A declared serial number goes with the disk when its LUN changes; without one the LUN is what makes it the same disk. */
export function unitIdentity(declared: IdentityDeclaration): UnitIdentity {
  const distinction = declared.serial === undefined ? `lun ${declared.lun}` : `serial ${declared.serial}`;
  const digest = sha256(utf8Bytes(`samewire ${declared.target} ${distinction}`));
  return {
    vendor: declared.vendor,
    product: declared.product,
    revision: REVISION,
    serial: declared.serial ?? hex(digest.subarray(0, 8)),
    naa: registeredExtended(digest),
  };
}

/** NAA (4 bits), company (24), vendor specific identifier (36) and its extension (64). */
function registeredExtended(digest: Uint8Array): Uint8Array {
  const naa = digest.slice(0, 16);
  naa[0] = 0x60 | (ORGANIZATION >>> 20);
  naa[1] = (ORGANIZATION >>> 12) & 0xff;
  naa[2] = (ORGANIZATION >>> 4) & 0xff;
  naa[3] = ((ORGANIZATION & 0xf) << 4) | (naa[3]! & 0xf);
  return naa;
}
