// 32 hosts send to one at once, through our switch, links, hosts and TCP in virtual time: `node bench/wire-incast.mjs DIST MEGABYTES_PER_FLOW CONTROL`, where
// CONTROL is new-reno or cubic. Prints one line of JSON: bytes that arrived, packets over links, seconds it took here (by the clock and of all processors) and in virtual time. The same as
// bench/ns3-incast.cc does, as far as both can; the constants are the same there.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, megabytesText, congestionControl = 'cubic'] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(resolve(dist, file)).href);
const { seededRng } = await load('base/rng.js');
const { Bridge } = await load('link/bridge.js');
const { Link, defaultLinkSettings } = await load('runtime/link.js');
const { VirtualClock } = await load('runtime/virtual-clock.js');
const { InetHost } = await load('inet/host.js');
const { TcpStack } = await load('inet/tcp/stack.js');
const { address } = await load('wire/ip/address.js');

const SENDERS = 32;
const RATE = 10e9;
const DELAY_NANOS = 2_000;
const BUFFER_BYTES = 1_000_000;
const SOCKET_BYTES = 1_000_000;
const PORT = 5001;
const flowBytes = Number(megabytesText) * 1_000_000;

const clock = new VirtualClock();
const events = () => {};
const vlans = { mode: 'access', vlan: 1 };
const ports = Array.from({ length: SENDERS + 1 }, (_, port) => ({ name: `${port + 1}`, vlans, frameBytesMax: 1514, defaultPriority: 0 }));
const bridge = new Bridge({ name: 'tor1', ports, addressesMax: 1024, ageingNanos: 300e9 }, { clock, events });
const hosts = [];
const links = [];
for (let index = 0; index <= SENDERS; index += 1) {
  const host = new InetHost(`host${index}`, { clock, rng: seededRng(index + 1), events });
  const nic = host.addInterface({ name: 'nic0', mac: 0x0200_0000_0100 + index, mtuBytes: 1500, vlan: undefined });
  host.addAddress(nic, address(`10.0.0.${index + 1}`), 24);
  const tcp = new TcpStack(host, { congestionControl, ecn: false, receiveBytesMax: SOCKET_BYTES });
  const settings = { ...defaultLinkSettings, rateBitsPerSecond: RATE, delayNanos: DELAY_NANOS, queueBytes: BUFFER_BYTES };
  const link = new Link(nic, bridge.ports[index], settings, { clock, rng: seededRng(1) });
  link.setUp(true);
  hosts.push({ host, tcp });
  links.push(link);
}

let received = 0;
let ended = 0;
const place = new Uint8Array(65_536);
const receiver = {
  nextBuffer: () => place,
  handleBytes: (count) => void (received += count),
  handleClose: () => void (ended += 1),
};
hosts[0].tcp.listen({ port: PORT, onConnection: () => receiver });

const hops = () => links.reduce((sum, link) => sum + link.counters(0).frames + link.counters(1).frames, 0);
// Addresses are announced when links come up: nobody has to be asked for.
clock.run(1_000_000);
const hopsBefore = hops();
const virtualBefore = clock.now();
const chunk = new Uint8Array(65_536);
const cpuBefore = process.cpuUsage();
const before = process.hrtime.bigint();
for (const { tcp } of hosts.slice(1)) {
  let left = flowBytes;
  const write = () => {
    while (left > 0 && stream.queuedBytes < SOCKET_BYTES) {
      const bytes = Math.min(left, chunk.length);
      left -= bytes;
      stream.write([chunk.subarray(0, bytes)], write);
    }
  };
  const nothing = { nextBuffer: () => place, handleBytes() {}, handleClose() {} };
  const stream = tcp.connect(address('10.0.0.1'), PORT, { receiver: nothing, opened: () => write() });
}
while (clock.step()) if (received === SENDERS * flowBytes) break;
const seconds = Number(process.hrtime.bigint() - before) / 1e9;
const cpu = process.cpuUsage(cpuBefore);
const sum = (name) => hosts.reduce((total, { tcp }) => total + tcp.counters[name], 0);
const result = {
  bytes: received,
  hops: hops() - hopsBefore,
  seconds,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  virtualSeconds: (clock.now() - virtualBefore) / 1e9,
  drops: links.reduce((total, link) => total + link.counters(0).queueDrops + link.counters(1).queueDrops, 0),
  retransmitted: sum('retransmittedSegments'),
  timeouts: sum('timeouts'),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
