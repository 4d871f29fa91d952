/** Which of its two formats sense data takes for a logical unit (SPC-5 §4.4.1). */
import { encodeDescriptorSense, encodeFixedSense, type Sense } from '../../wire/scsi/sense.ts';
import type { LogicalUnit } from './logical-unit.ts';

/** D_SENSE in the control mode page decides; without a logical unit (a LUN nobody is behind) it is the fixed format. */
export const encodeSenseFor = (unit: LogicalUnit | undefined, value: Sense): Uint8Array =>
  unit?.modes.descriptorSense ? encodeDescriptorSense(value) : encodeFixedSense(value);
