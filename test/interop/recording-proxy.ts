/**
 * A TCP proxy that writes what passes as a capture file (the classic libpcap format), each chunk as one TCP segment in made-up
 * Ethernet and IPv4 headers. Unlike a capture from an interface it needs no rights, loses nothing, and is the same everywhere.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface RecordingProxy {
  /** Where clients connect instead: `127.0.0.1:12345`. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** An IPv4 packet holds 65535 bytes; a chunk from a socket can be longer. */
const SEGMENT_BYTES_MAX = 32 * 1024;
const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const TCP_BYTES = 20;
const ISCSI_PORT = 3260;
const FLAG_FIN = 0x01;
const FLAG_SYN = 0x02;
const FLAG_PUSH = 0x08;
const FLAG_ACK = 0x10;

interface Side {
  readonly address: number;
  readonly port: number;
  sequence: number;
}

export async function recordTo(path: string, upstream: string): Promise<RecordingProxy> {
  const file = openSync(path, 'w');
  writeSync(file, fileHeader());
  const sockets = new Set<Socket>();
  let connections = 0;
  const colon = upstream.lastIndexOf(':');
  const target = { host: upstream.slice(0, colon), port: Number(upstream.slice(colon + 1)) };

  const server = createServer((client) => {
    connections += 1;
    const remote = connect(target);
    // The port says "iSCSI" to whoever reads the file; the client's tells the connections apart.
    const clientSide: Side = { address: 0x0a000001, port: 40_000 + connections, sequence: 1000 };
    const targetSide: Side = { address: 0x0a000002, port: ISCSI_PORT, sequence: 2000 };
    const record = (from: Side, to: Side, flags: number, data: Uint8Array): void => {
      writeSync(file, packet(from, to, flags, data));
      from.sequence = (from.sequence + data.length + ((flags & (FLAG_SYN | FLAG_FIN)) === 0 ? 0 : 1)) >>> 0;
    };
    const nothing = new Uint8Array(0);
    record(clientSide, targetSide, FLAG_SYN, nothing);
    record(targetSide, clientSide, FLAG_SYN | FLAG_ACK, nothing);
    record(clientSide, targetSide, FLAG_ACK, nothing);
    const forward = (from: Socket, to: Socket, fromSide: Side, toSide: Side): void => {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('data', (chunk: Buffer) => {
        for (let at = 0; at < chunk.length; at += SEGMENT_BYTES_MAX) {
          record(fromSide, toSide, FLAG_PUSH | FLAG_ACK, chunk.subarray(at, at + SEGMENT_BYTES_MAX));
        }
        to.write(chunk);
      });
      from.on('end', () => {
        record(fromSide, toSide, FLAG_FIN | FLAG_ACK, nothing);
        to.end();
      });
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
    };
    forward(client, remote, clientSide, targetSide);
    forward(remote, client, targetSide, clientSide);
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          closeSync(file);
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Magic number of microsecond stamps, version 2.4, no zone, snap length, link type 1 (Ethernet); little-endian. */
function fileHeader(): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(1, 20);
  return header;
}

function packet(from: Side, to: Side, flags: number, data: Uint8Array): Uint8Array {
  const length = ETHERNET_BYTES + IPV4_BYTES + TCP_BYTES + data.length;
  const out = Buffer.alloc(16 + length);
  const millis = performance.timeOrigin + performance.now();
  out.writeUInt32LE(Math.floor(millis / 1000), 0);
  out.writeUInt32LE(Math.floor((millis % 1000) * 1000), 4);
  out.writeUInt32LE(length, 8);
  out.writeUInt32LE(length, 12);
  const ethernet = 16;
  out.writeUInt32BE(to.address, ethernet + 2);
  out.writeUInt32BE(from.address, ethernet + 8);
  out.writeUInt16BE(0x0800, ethernet + 12);
  const ip = ethernet + ETHERNET_BYTES;
  out[ip] = 0x45;
  out.writeUInt16BE(length - ETHERNET_BYTES, ip + 2);
  out[ip + 8] = 64;
  out[ip + 9] = 6;
  out.writeUInt32BE(from.address, ip + 12);
  out.writeUInt32BE(to.address, ip + 16);
  const tcp = ip + IPV4_BYTES;
  out.writeUInt16BE(from.port, tcp);
  out.writeUInt16BE(to.port, tcp + 2);
  out.writeUInt32BE(from.sequence, tcp + 4);
  out.writeUInt32BE((flags & FLAG_ACK) === 0 ? 0 : to.sequence, tcp + 8);
  out[tcp + 12] = (TCP_BYTES / 4) << 4;
  out[tcp + 13] = flags;
  out.writeUInt16BE(0xffff, tcp + 14);
  out.set(data, tcp + TCP_BYTES);
  return out;
}
