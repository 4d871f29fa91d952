// One end of a bench of frames: `send` as many as the other side takes, or `count` what comes. Over a stream as QEMU frames it, or to a
// vde_switch, which wants a datagram socket made known to it. Arguments: send|batches|count stream|vde PATH FRAME_BYTES. A machine of QEMU's
// makes a system call for each frame, and so does `send`; `batches` shows what a switch could take from one that does not.
import { writeSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import koffi from 'koffi';

const library = koffi.load(null);
const call = {
  socket: library.func('int socket(int domain, int type, int protocol)'),
  bind: library.func('int bind(int fd, const void *address, uint32_t count)'),
  connect: library.func('int connect(int fd, const void *address, uint32_t count)'),
  write: library.func('int64_t write(int fd, const void *bytes, size_t count)'),
  read: library.func('int64_t read(int fd, void *bytes, size_t count)'),
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

if (kind === 'stream') overStream();
else await overVde();
