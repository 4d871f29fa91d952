/** What a device answered, decoded; an answer that makes no sense is an error like any other. */
import { DecodeError } from '../../base/bytes.ts';
import { IscsiError } from './iscsi-error.ts';

export function decoded<Value>(decode: (bytes: Uint8Array) => Value, bytes: Uint8Array): Value {
  try {
    return decode(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new IscsiError('pdu-invalid', `The device's answer can't be read: ${error.message}.`);
  }
}
