// One end of a bench of frames: `send` as many as the other side takes, or `count` what comes. Over a stream as QEMU frames it, to a
// vde_switch, which wants a datagram socket made known to it, or at an interface. Arguments: send|batches|count stream|vde|interface END FRAME_BYTES;
// `listen stream` counts what a sender sends straight to it.
// A machine of QEMU's makes a system call for each frame, and so does `send`; `batches` shows what a switch could take from one that does not.
import { readFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import koffi from 'koffi';

const library = koffi.load(null);
const call = {
  socket: library.func('int socket(int domain, int type, int protocol)'),
  bind: library.func('int bind(int fd, const void *address, uint32_t count)'),
  listen: library.func('int listen(int fd, int backlog)'),
  accept: library.func('int accept(int fd, void *address, void *count)'),
  connect: library.func('int connect(int fd, const void *address, uint32_t count)'),
  write: library.func('int64_t write(int fd, const void *bytes, size_t count)'),
  read: library.func('int64_t read(int fd, void *bytes, size_t count)'),
  sendmmsg: library.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)'),
  setsockopt: library.func('int setsockopt(int fd, int level, int option, const void *value, uint32_t count)'),
  ifindex: library.func('unsigned int if_nametoindex(const char *name)'),
};

const [role, kind, path, bytesText] = process.argv.slice(2);
const frameBytes = Number(bytesText);
const SENDER = [0x02, 0, 0, 0, 0x0a, 0x01];
const COUNTER = [0x02, 0, 0, 0, 0x0b, 0x02];
const REPORT_MILLISECONDS = 50;

function frameOf(destination, source, bytes) {
  const frame = Buffer.alloc(bytes);
  frame.set(destination);
  frame.set(source, 6);
  frame.writeUInt16BE(0x88b5, 12); // IEEE 802 local experimental EtherType 1
  return frame;
}

const frame = frameOf(COUNTER, SENDER, frameBytes);
// By this the switch learns where the counter lives.
const hello = frameOf([255, 255, 255, 255, 255, 255], COUNTER, 60);

let frames = 0;
let toldAt = 0;
function report() {
  const now = performance.now();
  if (now - toldAt < REPORT_MILLISECONDS) return;
  toldAt = now;
  writeSync(1, `${frames} ${process.hrtime.bigint()}\n`);
}

function framed(one) {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(one.length);
  return Buffer.concat([length, one]);
}

function overStream() {
  const fd = call.socket(1, 1, 0);
  const address = unixAddress(path);
  if (role === 'listen') {
    if (call.bind(fd, address, address.length) !== 0 || call.listen(fd, 1) !== 0) throw new Error(`listen failed: ${koffi.errno()}`);
    return countStream(call.accept(fd, null, null));
  }
  if (call.connect(fd, address, address.length) !== 0) throw new Error(`connect failed: ${koffi.errno()}`);
  if (role === 'count') return countStream(fd);
  const one = framed(frame);
  const count = role === 'send' ? 1 : Math.ceil(65_536 / one.length);
  const bytes = Buffer.concat(Array.from({ length: count }, () => one));
  for (;;) if (call.write(fd, bytes, bytes.length) !== bytes.length) throw new Error(`write failed: ${koffi.errno()}`);
}

/** As cheaply as can be: it shares the machine with what is measured. */
function countStream(fd) {
  const own = framed(hello);
  call.write(fd, own, own.length);
  const place = Buffer.alloc(1024 * 1024);
  for (let bytes = 0; ; ) {
    const more = call.read(fd, place, place.length);
    if (more <= 0) throw new Error(`the connection ended: ${koffi.errno()}`);
    bytes += more;
    frames = Math.floor(bytes / (frameBytes + 4));
    report();
  }
}

/** struct sockaddr_un. */
function unixAddress(name) {
  const address = Buffer.alloc(110);
  address.writeUInt16LE(1);
  address.write(name, 2);
  return address;
}

/** libvdeplug's request_v3: magic, version, type, our data socket; the answer is the switch's data socket. */
async function overVde() {
  const fd = call.socket(1, 2, 0);
  const own = unixAddress(join(dirname(path), `.${role}-${process.pid}`));
  if (call.bind(fd, own, own.length) !== 0) throw new Error('bind failed');
  const request = Buffer.alloc(12);
  request.writeUInt32LE(0xfeedface);
  request.writeUInt32LE(3, 4);
  const control = connect(path);
  control.write(Buffer.concat([request, own, Buffer.from(`${role}\0`)]));
  const answer = await new Promise((resolve) => control.once('data', resolve));
  if (call.connect(fd, answer, answer.length) !== 0) throw new Error(`connect failed: ${koffi.errno()}`);
  if (role !== 'count') for (;;) call.write(fd, frame, frame.length);
  call.write(fd, hello, hello.length);
  const place = Buffer.alloc(65_536);
  for (;;) {
    if (call.read(fd, place, place.length) === frameBytes) frames += 1;
    if ((frames & 255) === 0) report();
  }
}

const BATCH = 64;

/** What an interface received is counted by the kernel; it costs nothing to look. */
function overInterface() {
  const fd = call.socket(17, 3, 0); // AF_PACKET, SOCK_RAW, no protocol: nothing comes
  const address = Buffer.alloc(20); // struct sockaddr_ll
  address.writeUInt16LE(17);
  address.writeUInt32LE(call.ifindex(path), 4);
  if (call.bind(fd, address, address.length) !== 0) throw new Error(`bind failed: ${koffi.errno()}`);
  if (role === 'count') {
    call.write(fd, hello, hello.length);
    setInterval(() => {
      const line = readFileSync('/proc/net/dev', 'latin1')
        .split('\n')
        .find((text) => text.trim().startsWith(`${path}:`));
      frames = Number(line.split(':')[1].trim().split(/\s+/)[1]);
      report();
    }, REPORT_MILLISECONDS);
    return;
  }
  call.setsockopt(fd, 263, 20, Buffer.from([1, 0, 0, 0]), 4); // SOL_PACKET, PACKET_QDISC_BYPASS
  // struct mmsghdr, each with one vector: all lead to the same frame.
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(koffi.address(frame));
  vector.writeBigUInt64LE(BigInt(frame.length), 8);
  const messages = Buffer.alloc(BATCH * 64);
  for (let at = 0; at < messages.length; at += 64) {
    messages.writeBigUInt64LE(koffi.address(vector), at + 16);
    messages.writeBigUInt64LE(1n, at + 24);
  }
  for (;;) call.sendmmsg(fd, messages, BATCH, 0);
}

if (kind === 'stream') overStream();
else if (kind === 'interface') overInterface();
else await overVde();
