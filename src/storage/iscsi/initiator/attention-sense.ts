/** Sense data that came as news, with a status or an asynchronous message (RFC 7143 §11.4.7, §11.9): nonsense is no news. */
import { DecodeError } from '../../../base/bytes.ts';
import { decodeSense, type Sense } from '../../../wire/scsi/sense.ts';

/** Undefined for what is no sense data. */
export function attentionSense(bytes: Uint8Array): Sense | undefined {
  try {
    return decodeSense(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}
