// Our switch with a QEMU stream socket at each of two ports, as the product runs it. Arguments: DIST PATH PATH
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, ...paths] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(resolve(dist, file)).href);
const { Bridge } = await load('link/bridge.js');
const { serveQemuStream } = await load('os/ports/qemu-stream.js');
const { wallClock } = await load('os/wall-clock.js');

const vlans = { mode: 'access', vlan: 1 };
const ports = paths.map((_, index) => ({ name: `${index + 1}`, vlans, frameBytesMax: 9216, defaultPriority: 0 }));
const events = (event) => process.stderr.write(event.severity === 'error' ? `${event.message}\n` : '');
const bridge = new Bridge({ name: 'tor1', ports, addressesMax: 8192, ageingNanos: 300e9 }, { clock: wallClock(), events });
for (const [index, path] of paths.entries()) await serveQemuStream([bridge.ports[index]], { address: { path } }, { events });
