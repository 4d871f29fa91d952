/** Listens where an iSNS server reaches its clients (RFC 4171 §2.9): a TCP port, or a UDP port. */
import { createSocket } from 'node:dgram';
import { acceptNotices, answerDatagram, type IsnsLimits, type NoticeServices } from '../../storage/isns/index.ts';
import type { PortNumber } from '../../wire/isns/index.ts';
import { formatAddress } from '../../fabric/address.ts';
import { listen } from '../listener.ts';
import { streamFromSocket } from '../socket-stream.ts';

export interface NoticeListener {
  readonly port: PortNumber;
  close(): Promise<void>;
}

/** A server needs one connection, or two while it changes over. */
const CONNECTIONS_MAX = 8;

/** `port` 0 picks a free one. Rejects with an Error of one clear sentence. */
export function listenForNotices(host: string, port: PortNumber, limits: IsnsLimits, services: NoticeServices): Promise<NoticeListener> {
  return port.transport === 'tcp' ? listenTcp(host, port.port, limits, services) : listenUdp(host, port.port, services);
}

async function listenTcp(host: string, port: number, limits: IsnsLimits, services: NoticeServices): Promise<NoticeListener> {
  const open = new Set<{ destroy(): void }>();
  const listener = await listen(
    host,
    port,
    (socket) => {
      const { receiver, attach } = acceptNotices(limits, services);
      const stream = streamFromSocket(socket, {
        nextBuffer: () => receiver.nextBuffer(),
        handleBytes: (count) => receiver.handleBytes(count),
        handleClose: (reason) => {
          open.delete(stream);
          receiver.handleClose(reason);
        },
      });
      open.add(stream);
      attach(stream);
    },
    { connectionsMax: CONNECTIONS_MAX },
  );
  return {
    port: { port: listener.port, transport: 'tcp' },
    close: async () => {
      await listener.close();
      for (const stream of open) stream.destroy();
    },
  };
}

function listenUdp(host: string, port: number, services: NoticeServices): Promise<NoticeListener> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(new Error(`Can't listen on ${formatAddress(host, port)} (UDP): ${error.message}.`, { cause: error }));
    });
    socket.on('message', (datagram, from) => {
      const response = answerDatagram(datagram, formatAddress(from.address, from.port), services);
      if (response !== undefined) socket.send(response, from.port, from.address);
    });
    socket.bind({ address: host, port }, () => {
      socket.removeAllListeners('error');
      socket.on('error', () => {}); // what could not be sent is asked for again
      resolve({
        port: { port: socket.address().port, transport: 'udp' },
        close: () => new Promise((closed) => socket.close(() => closed())),
      });
    });
  });
}
