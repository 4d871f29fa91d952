// Keeps DEPTH requests under way at bench/bare-server.mjs for SECONDS and prints how many were answered a second:
// `node bench/bare-client.mjs PORT REQUEST REPLY DEPTH SECONDS`.
import { connect } from 'node:net';

const [port, requestBytes, replyBytes, depth, seconds] = process.argv.slice(2).map(Number);
const request = Buffer.alloc(requestBytes, 0xa5);
const into = Buffer.alloc(1024 * 1024);
let pending = 0;
let answered = 0;
let started = 0n;

const send = (count) => {
  if (count > 1) socket.cork();
  for (let index = 0; index < count; index += 1) socket.write(request);
  if (count > 1) socket.uncork();
};

const socket = connect({
  port,
  host: '127.0.0.1',
  noDelay: true,
  onread: {
    buffer: into,
    callback(bytes) {
      pending += bytes;
      const replies = Math.floor(pending / replyBytes);
      pending -= replies * replyBytes;
      answered += replies;
      const elapsed = Number(process.hrtime.bigint() - started) / 1e9;
      if (elapsed >= seconds) {
        console.log(JSON.stringify({ perSecond: answered / elapsed, count: answered }));
        process.exit(0);
      }
      if (replies > 0) send(replies);
      return true;
    },
  },
});
socket.on('connect', () => {
  started = process.hrtime.bigint();
  send(depth);
});
socket.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
