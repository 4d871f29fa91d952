/** Connects an initiator over the operating system's TCP. */
import { connect, type Socket } from 'node:net';
import type { Dial } from '../../storage/iscsi/initiator/index.ts';
import { streamFromSocket } from '../socket-stream.ts';

/** `localAddress`: the initiator's own portal, an address of this machine; undefined: whichever leads there. */
export const dialFrom =
  (localAddress: string | undefined): Dial =>
  (address, receiver, opened) => {
    let over = false;
    let reason: string | undefined;
    const options = { host: address.host, port: address.port, noDelay: true };
    const socket: Socket = connect(localAddress === undefined ? options : { ...options, localAddress });
    // Paused before it connects, so that nothing is read until somebody has said where to.
    socket.pause();
    const failed = (error: Error): void => void (reason ??= describe(error));
    const closed = (): void => {
      if (!over) receiver.handleClose(reason);
      over = true;
    };
    socket.once('error', failed);
    socket.once('close', closed);
    socket.once('connect', () => {
      if (over) return;
      over = true;
      socket.off('error', failed);
      socket.off('close', closed);
      opened(streamFromSocket(socket, receiver));
    });
    return {
      cancel: () => {
        if (over) return;
        over = true;
        socket.destroy();
      },
    };
  };

/** A name with several addresses fails with one error each. */
function describe(error: Error): string {
  const all = error instanceof AggregateError ? error.errors.map((one: Error) => one.message) : [];
  return all.length === 0 ? error.message : all.join('; ');
}
