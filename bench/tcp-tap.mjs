// Our TCP on a host whose network interface is a TAP's other end. Arguments: DIST TAP MTU sink|source PORT. It makes the TAP with Linux at 192.0.2.2, connects to it
// from 192.0.2.1, and sends as fast as it is taken, or prints what it got and when, now and then.
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, tap, mtu, role, port] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(resolve(dist, file)).href);
const { InetHost } = await load('inet/host.js');
const { TcpStack } = await load('inet/tcp/stack.js');
const { attachTap } = await load('os/ports/tap.js');
const { wallClock } = await load('os/wall-clock.js');
const { systemRng } = await load('os/system-rng.js');
const { address } = await load('wire/ip/address.js');

const events = (event) => process.stderr.write(event.severity === 'error' ? `${event.message}\n` : '');
const host = new InetHost('ours', { clock: wallClock(), rng: systemRng, events });
const nic = host.addInterface({ name: 'nic0', mac: 0x0200_0000_0001, mtuBytes: Number(mtu), vlan: undefined });
host.addAddress(nic, address('192.0.2.1'), 24);
const stack = new TcpStack(host);
const attachment = attachTap(nic, tap, { events });
execFileSync('sh', [
  '-ec',
  `ip link set ${tap} addrgenmode none txqueuelen 20000 mtu ${mtu}; ip addr add 192.0.2.2/24 dev ${tap}; ip link set ${tap} up`,
]);
while (!attachment.wire.carrier) await new Promise((done) => setTimeout(done, 10));

const QUEUED_BYTES = 4 * 1024 * 1024;
const place = new Uint8Array(256 * 1024).fill(7);
let bytes = 0;
let toldAt = 0;
const receiver = {
  nextBuffer: () => place,
  handleBytes: (count) => {
    bytes += count;
    const now = performance.now();
    if (now - toldAt < 50) return;
    toldAt = now;
    writeSync(1, `${bytes} ${process.hrtime.bigint()}\n`);
  },
  handleClose: (reason) => {
    process.stderr.write(`the connection ended: ${reason}\n`);
    process.exit(1);
  },
};
const opened = (stream) => {
  if (role === 'sink') return;
  const fill = () => {
    while (stream.queuedBytes < QUEUED_BYTES) stream.write([place], fill);
  };
  setImmediate(fill);
};
stack.connect(address('192.0.2.2'), Number(port), { receiver, opened });
if (process.env.STATS !== undefined)
  setInterval(() => process.stderr.write(`${JSON.stringify({ ...attachment.counters, ...stack.counters })}\n`), 1000);
