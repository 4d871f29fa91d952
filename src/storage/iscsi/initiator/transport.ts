/** How an initiator gets its byte streams: sockets in `os/`, pairs in memory in tests, our own TCP in a simulation. */
import type { ByteStream, ByteStreamReceiver } from '../../../base/byte-stream.ts';
import type { PortalAddress } from './portal-address.ts';

export interface DialAttempt {
  /** Gives up; neither `opened` nor the receiver is called any more. Does nothing once `opened` was called. */
  cancel(): void;
}

/**
 * Connects. Calls `opened` once, later, before anything arrives; or the receiver's `handleClose` with the reason where no connection
 * comes about.
 */
export type Dial = (address: PortalAddress, receiver: ByteStreamReceiver, opened: (stream: ByteStream) => void) => DialAttempt;
