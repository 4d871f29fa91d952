// Our switch as the product runs it, with something of the world at each of two ports: a QEMU stream socket, or an interface.
// Arguments: DIST stream|interface END END
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, kind, ...ends] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(resolve(dist, file)).href);
const { Bridge } = await load('link/bridge.js');
const { attach } = await load('os/ports/attach.js');
const { wallClock } = await load('os/wall-clock.js');

const vlans = { mode: 'access', vlan: 1 };
const ports = ends.map((_, index) => ({ name: `${index + 1}`, vlans, frameBytesMax: 9216, defaultPriority: 0 }));
const events = (event) => process.stderr.write(event.severity === 'error' ? `${event.message}\n` : '');
const bridge = new Bridge({ name: 'tor1', ports, addressesMax: 8192, ageingNanos: 300e9 }, { clock: wallClock(), events });
for (const [index, end] of ends.entries()) {
  const settings = kind === 'stream' ? { kind: 'qemu', address: { path: end } } : { kind, name: end };
  await attach(bridge.ports[index], settings, { events });
}
