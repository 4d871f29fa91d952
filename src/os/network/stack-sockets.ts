/** Listening and dialling over a machine's own TCP, in the forms that arrays and hosts have for the operating system's. */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import type { Machine } from '../../device/machine.ts';
import { formatAddress, ISCSI_PORT } from '../../fabric/address.ts';
import type { Adapter } from '../../fabric/host-model.ts';
import type { TcpListener } from '../../inet/tcp/listeners.ts';
import type { Dial } from '../../storage/iscsi/initiator/index.ts';
import { formatIp, isAny, parseAddress } from '../../wire/ip/address.ts';
import type { Listener } from '../listener.ts';

/** Ports tried for one that is left to us. */
const PORTS_TRIED = 1000;

/** Takes a connection: who receives, and the stream it writes to. */
export type Accept = (stream: ByteStream) => ByteStreamReceiver;

/** Undefined: the machine has no such address, so that it must be one of the machine we run on. Throws an Error of one clear sentence. */
export function listenOn(machine: Machine, host: string, port: number, accept: Accept): Listener | undefined {
  const address = parseAddress(host);
  if (address === undefined || !(isAny(address) || machine.host.owns(address))) return undefined;
  const settings = { address: isAny(address) ? undefined : address, onConnection: accept };
  let taken: TcpListener | undefined;
  let actual = port === 0 ? ISCSI_PORT : port;
  for (const last = port === 0 ? actual + PORTS_TRIED : actual; taken === undefined && actual <= last; actual += 1)
    taken = machine.tcp.listen({ ...settings, port: actual });
  if (taken === undefined) throw new Error(`${machine.name} can't listen on ${formatAddress(host, port)}: it does so already.`);
  const listener = taken;
  // For every address, the first of the machine stands where it is shown and connected to.
  const first = isAny(address) ? machine.host.interfaces.flatMap(({ addresses }) => addresses)[0] : undefined;
  const shown = first === undefined ? host : formatIp(first.address);
  return { address: formatAddress(shown, listener.port), port: listener.port, close: async () => listener.close() };
}

/** Connections leave from the adapter's addresses, or from whichever leads there. */
export const dialOver =
  (machine: Machine, bind: Adapter['bind']): Dial =>
  (to, receiver, opened) => {
    const { clock } = machine.host.services;
    const address = parseAddress(to.host);
    const own = address === undefined ? undefined : address.length === 4 ? bind?.ipv4 : bind?.ipv6;
    const from = own === undefined ? undefined : parseAddress(own);
    let over = false;
    let cancelled = false;
    const guarded: ByteStreamReceiver = {
      nextBuffer: () => receiver.nextBuffer(),
      handleBytes: (count) => receiver.handleBytes(count),
      handleClose(reason) {
        if (!cancelled) receiver.handleClose(reason);
      },
    };
    const begin = (stream: ByteStream): void => {
      over = true;
      opened(stream);
    };
    const stream =
      address === undefined || (bind !== undefined && from === undefined)
        ? undefined
        : machine.tcp.connect(address, to.port, { from, receiver: guarded, opened: begin });
    if (stream === undefined) {
      const why = address === undefined ? `${to.host} is a name, and the fabric has no name server` : `there is no way to ${to.host}`;
      clock.after(0, () => guarded.handleClose(why));
    }
    return {
      cancel() {
        if (over) return;
        cancelled = true;
        stream?.destroy();
      },
    };
  };
