// One end of a TCP connection of Linux's, as cheaply as can be: a system call for a megabyte. Arguments: listen|connect sink|source ADDRESS PORT.
// It ends with its connection. A sink prints what it got and when, now and then.
import { writeSync } from 'node:fs';
import koffi from 'koffi';

const library = koffi.load(null);
const call = {
  socket: library.func('int socket(int domain, int type, int protocol)'),
  bind: library.func('int bind(int fd, const void *address, uint32_t count)'),
  listen: library.func('int listen(int fd, int backlog)'),
  accept: library.func('int accept(int fd, void *address, void *count)'),
  connect: library.func('int connect(int fd, const void *address, uint32_t count)'),
  setsockopt: library.func('int setsockopt(int fd, int level, int option, const void *value, uint32_t count)'),
  write: library.func('int64_t write(int fd, const void *bytes, size_t count)'),
  read: library.func('int64_t read(int fd, void *bytes, size_t count)'),
};

const [how, role, host, port] = process.argv.slice(2);
const must = (what, result) => {
  if (result < 0) throw new Error(`${what} failed: ${koffi.errno()}`);
  return result;
};
const address = Buffer.alloc(16); // struct sockaddr_in
address.writeUInt16LE(2);
address.writeUInt16BE(Number(port), 2);
address.set(host.split('.').map(Number), 4);

function connection() {
  const fd = must('socket', call.socket(2, 1, 0));
  if (how === 'connect') {
    must('connect', call.connect(fd, address, address.length));
    return fd;
  }
  must('SO_REUSEADDR', call.setsockopt(fd, 1, 2, Buffer.from([1, 0, 0, 0]), 4));
  must('bind', call.bind(fd, address, address.length));
  must('listen', call.listen(fd, 1));
  writeSync(1, 'ready\n');
  return must('accept', call.accept(fd, null, null));
}

const fd = connection();
const place = Buffer.alloc(1024 * 1024, 7);
let bytes = 0;
let toldAt = 0;
for (;;) {
  const count = role === 'source' ? call.write(fd, place, place.length) : call.read(fd, place, place.length);
  if (count <= 0) break;
  bytes += count;
  const now = performance.now();
  if (role === 'sink' && now - toldAt > 50) {
    toldAt = now;
    writeSync(1, `${bytes} ${process.hrtime.bigint()}\n`);
  }
}
