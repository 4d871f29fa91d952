// The limit: a TCP server that does nothing but move the bytes. Each request of REQUEST bytes is answered with REPLY bytes, one write for
// all that one arrival completes. `node bench/bare-server.mjs REQUEST REPLY`; prints its port.
import { createServer } from 'node:net';

const [requestBytes, replyBytes] = process.argv.slice(2).map(Number);
// As a target answers from its memory: ready, and sent by reference.
const reply = Buffer.alloc(replyBytes, 0x5a);

const server = createServer((socket) => {
  socket.setNoDelay(true);
  let pending = 0;
  socket.on('data', (chunk) => {
    pending += chunk.length;
    const requests = Math.floor(pending / requestBytes);
    if (requests === 0) return;
    pending -= requests * requestBytes;
    if (requests === 1) {
      socket.write(reply);
      return;
    }
    socket.cork();
    for (let index = 0; index < requests; index += 1) socket.write(reply);
    socket.uncork();
  });
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit(0));
