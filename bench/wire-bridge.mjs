// Frames a second through our bridge in memory, by the public ports: `node bench/wire-bridge.mjs DIST ADDRESSES PATH BYTES MILLISECONDS`, where PATH is
// access (no tags), days (the same after 90 days), trunk (tagged on both sides) or push (a tag is added on the way), and BYTES a frame's length with its
// check sequence. Prints one line of JSON.
//
// A burst of frames is written to (source and destination at random among all addresses) as a network card would, and only then the clock runs: while
// the bridge takes them in at the ports where their sources live. It learns, looks up, sorts by VLAN, counts, and hands out to a wire that counts.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { undisturbed } from './undisturbed.mjs';

const [dist, addressesText, path, bytesText, millisecondsText] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(resolve(dist, file)).href);
const { Bridge } = await load('link/bridge.js');
const { VirtualClock } = await load('runtime/virtual-clock.js');
const { seededRng } = await load('base/rng.js');

const PORTS = 8;
const BURST = 256;
const FRAME_BYTES = Number(bytesText) - 4;
const VLAN = 10;
const addresses = Number(addressesText);
const milliseconds = Number(millisecondsText);

/** A time that moves a little with every burst, so that what the table stores does too. */
const clock = new VirtualClock(path === 'days' ? 90 * 86_400e9 : 0);
const access = { mode: 'access', vlan: VLAN };
const trunk = { mode: 'trunk', native: 1, allowed: [{ first: 1, last: 100 }] };
// Takes frames without a tag too, so that what lives there can be learned by the same frames.
const tagging = { mode: 'listed', untagged: [], tagged: [{ first: VLAN, last: VLAN }], untaggedVlan: VLAN };
const vlansOf = (port) => (path === 'trunk' ? trunk : path === 'push' && port >= PORTS / 2 ? tagging : access);
const ports = Array.from({ length: PORTS }, (_, port) => ({
  name: `${port + 1}`,
  vlans: vlansOf(port),
  frameBytesMax: 9216,
  defaultPriority: 0,
}));
const settings = { name: 'tor1', ports, addressesMax: Math.max(1024, addresses), ageingNanos: 300e9 };
const bridge = new Bridge(settings, { clock, events: (event) => process.stderr.write(`${event.message}\n`) });

class CountingWire {
  rateBitsPerSecond = 100e9;
  carrier = true;
  frames = 0;
  bytes = 0;

  transmit(frame) {
    this.frames += 1;
    this.bytes += frame.length;
  }
}

for (const port of bridge.ports) port.wire = new CountingWire();

const taggedIn = path === 'trunk';
const frames = Array.from({ length: BURST }, () => {
  const frame = new Uint8Array(taggedIn ? FRAME_BYTES + 4 : FRAME_BYTES);
  frame.set(taggedIn ? [0x81, 0, 0, VLAN, 0x88, 0xb5] : [0x88, 0xb5], 12);
  return frame;
});
const froms = new Uint8Array(BURST);

/** Addresses of one maker, one after the other; they live on the ports in turn. */
function putMac(frame, at, index) {
  frame[at] = 0x02;
  frame[at + 3] = index >>> 16;
  frame[at + 4] = index >>> 8;
  frame[at + 5] = index;
}

function burst(source, destination) {
  for (let index = 0; index < BURST; index += 1) {
    const from = source(index);
    putMac(frames[index], 6, from);
    putMac(frames[index], 0, destination(from));
    froms[index] = from % PORTS;
  }
  clock.run(clock.now() + 10_000);
}

function takeIn() {
  for (let index = 0; index < BURST; index += 1) bridge.ports[froms[index]].handleFrame(frames[index]);
}

const rng = seededRng(1);
for (let at = 0; at < addresses; at += BURST) {
  burst(
    (index) => (at + index) % addresses,
    (from) => from,
  );
  takeIn();
}
const outBefore = () => bridge.ports.reduce((sum, { wire }) => sum + wire.frames, 0);
const anywhere = () => Math.floor((rng.uint32() / 0x1_0000_0000) * addresses);
// Another port than the source's: half the ports away, so that `push` goes from access ports to trunks.
const elsewhere = () => {
  const to = anywhere();
  return (from) => {
    const port = (from % PORTS) + PORTS / 2;
    return (to - (to % PORTS) + (port % PORTS)) % addresses;
  };
};
const fromAccess = path === 'push' ? (index) => index - (index % PORTS) + (index % (PORTS / 2)) : (index) => index;
function fill() {
  burst(
    () => fromAccess(anywhere()),
    (from) => elsewhere()(from),
  );
}

/** Bursts that were disturbed went through the bridge too, and don't count. */
function run(forMilliseconds) {
  let [all, count, nanos] = [0, 0, 0];
  while (nanos < forMilliseconds * 1e6) {
    fill();
    const took = undisturbed(takeIn);
    all += BURST;
    if (took === undefined) continue;
    nanos += took;
    count += BURST;
  }
  return { all, count, nanos };
}

run(Math.max(200, milliseconds / 4));
const sentBefore = outBefore();
const { all, count, nanos } = run(milliseconds);
const relayed = outBefore() - sentBefore;
if (relayed !== all) throw new Error(`${all} frames went in, ${relayed} came out`);
if (bridge.addresses().length !== addresses) throw new Error(`the table holds ${bridge.addresses().length} addresses`);
process.stdout.write(`${JSON.stringify({ perSecond: (count * 1e9) / nanos })}\n`);
