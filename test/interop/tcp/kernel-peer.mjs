// A program over the kernel's TCP, for kernel-end.ts. It prints a line of JSON for each thing worth knowing.
//
//     exchange listen PORT BYTES SEED         sends BYTES of a keystream and ends, takes what comes until its end;
//     exchange dial ADDRESS PORT BYTES SEED   prints {"bytes", "sha256"} of that
//     sink PORT WARM_UP SECONDS               counts what comes in so many seconds, once it was connected to for WARM_UP of them;
//                                             prints {"bytes", "seconds"}
//     source ADDRESS PORT WARM_UP SECONDS     sends for ever; prints {"roundTripMillis"}, the mean over the same time
import { createCipheriv, createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const IPPROTO_TCP = 6;
const TCP_CONGESTION = 13;
const TCP_INFO = 11;
/** In struct tcp_info: the smoothed round trip time, in microseconds. */
const TCPI_RTT_AT = 68;
const library = createRequire(import.meta.url)('koffi').load(null);
const setsockopt = library.func('int setsockopt(int, int, int, const void *, uint32_t)');
const getsockopt = library.func('int getsockopt(int, int, int, void *, void *)');

/** A namespace's default can't be set where the machine's list of what everybody may use lacks it; a socket's can, with the privilege. */
function useCubic(socket) {
  const name = Buffer.from('cubic');
  if (setsockopt(socket._handle.fd, IPPROTO_TCP, TCP_CONGESTION, name, name.length) !== 0) throw new Error('this kernel has no CUBIC');
}

/** Bytes that the seed gives, in pieces; the same as keystream() of transfer.ts. */
function* keystream(bytes, seed) {
  const key = Buffer.alloc(16);
  key.writeUInt32BE(seed);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(65_536);
  for (let left = bytes; left > 0; left -= zeros.length) yield cipher.update(zeros.subarray(0, Math.min(left, zeros.length)));
}

function exchange(socket, bytes, seed) {
  const hash = createHash('sha256');
  let arrived = 0;
  socket.on('data', (part) => {
    arrived += part.length;
    hash.update(part);
  });
  socket.on('end', () => say({ bytes: arrived, sha256: hash.digest('hex') }));
  const pieces = keystream(bytes, seed);
  const write = () => {
    for (;;) {
      const { value, done } = pieces.next();
      if (done) return socket.end();
      if (!socket.write(value)) return socket.once('drain', write);
    }
  };
  write();
}

function sink(socket, warmUpSeconds, seconds) {
  let bytes = 0;
  socket.on('data', (part) => (bytes += part.length));
  socket.on('error', () => {});
  setTimeout(() => {
    bytes = 0;
    const begun = process.hrtime.bigint();
    setTimeout(() => {
      say({ bytes, seconds: Number(process.hrtime.bigint() - begun) / 1e9 });
      socket.destroy();
    }, seconds * 1000);
  }, warmUpSeconds * 1000);
}

function roundTripMillis(socket) {
  const info = Buffer.alloc(TCPI_RTT_AT + 4);
  const bytes = Buffer.from(Uint32Array.of(info.length).buffer);
  if (getsockopt(socket._handle.fd, IPPROTO_TCP, TCP_INFO, info, bytes) !== 0) throw new Error('no TCP_INFO');
  return info.readUInt32LE(TCPI_RTT_AT) / 1000;
}

function source(socket, warmUpSeconds, seconds) {
  const piece = Buffer.alloc(256 * 1024);
  const write = () => {
    while (socket.write(piece));
    socket.once('drain', write);
  };
  socket.on('error', () => {});
  write();
  setTimeout(() => {
    const samples = [];
    const sampler = setInterval(() => samples.push(roundTripMillis(socket)), 100);
    setTimeout(
      () => {
        clearInterval(sampler);
        say({ roundTripMillis: samples.reduce((sum, sample) => sum + sample, 0) / samples.length });
      },
      seconds * 1000 - 200,
    );
  }, warmUpSeconds * 1000);
}

function listen(port, take) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    server.close();
    useCubic(socket);
    take(socket);
  });
  server.listen({ port, host: '::' }, () => say({ listening: port }));
}

function dial(host, port, take) {
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.on('connect', () => {
    useCubic(socket);
    take(socket);
  });
}

const [mode, ...args] = process.argv.slice(2);
const numbers = args.map(Number);
if (mode === 'exchange' && args[0] === 'listen') listen(numbers[1], (socket) => exchange(socket, numbers[2], numbers[3]));
else if (mode === 'exchange') dial(args[1], numbers[2], (socket) => exchange(socket, numbers[3], numbers[4]));
else if (mode === 'sink') listen(numbers[0], (socket) => sink(socket, numbers[1], numbers[2]));
else if (mode === 'source') dial(args[0], numbers[1], (socket) => source(socket, numbers[2], numbers[3]));
else throw new Error(`unknown mode ${mode}`);
