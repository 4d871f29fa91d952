// How many timers a second a virtual clock takes out and puts in: `node bench/wire-clock.mjs DIST PENDING CANCELLED MILLISECONDS`. PENDING timers wait all
// the time; each, when it runs, asks for the next one at a random delay (uniform up to a millisecond). CANCELLED is `keep`, or `cancel`: then each asks
// for two, a near one and a far one, and calls the far one of the time before off, as a retransmission timer is. Prints one line of JSON.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { undisturbed } from './undisturbed.mjs';

const [dist, pendingText, cancelled, millisecondsText] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(resolve(dist, file)).href);
const { VirtualClock } = await load('runtime/virtual-clock.js');
const { seededRng } = await load('base/rng.js');

const milliseconds = Number(millisecondsText);
const DELAYS = 65_536;
const DELAY_MAX = 1_000_000;
const BATCH = 2000;
const rng = seededRng(1);
// Drawn beforehand: drawing is not what is measured.
const delays = Float64Array.from({ length: DELAYS }, () => 1 + (rng.uint32() % DELAY_MAX));
let drawn = 0;
const delay = () => delays[(drawn = (drawn + 1) & (DELAYS - 1))];

const clock = new VirtualClock();
let count = 0;
function again() {
  count += 1;
  clock.after(delay(), again);
}

class Guarded {
  far = undefined;
  run = () => {
    count += 1;
    this.far?.cancel();
    this.far = clock.after(DELAY_MAX * 200, this.expire);
    clock.after(delay(), this.run);
  };
  expire = () => {
    throw new Error('it should have been called off');
  };
}

const pending = Number(pendingText);
if (cancelled === 'keep') for (let index = 0; index < pending; index += 1) clock.after(delay(), again);
else for (let index = 0; index < pending / 2; index += 1) clock.after(delay(), new Guarded().run);

function batch() {
  for (let steps = 0; steps < BATCH; steps += 1) clock.step();
}

function run(forMilliseconds) {
  let [ran, nanos] = [0, 0];
  while (nanos < forMilliseconds * 1e6) {
    const before = count;
    const took = undisturbed(batch);
    if (took === undefined) continue;
    ran += count - before;
    nanos += took;
  }
  return { ran, nanos };
}

// The first turn of all timers asks for the far ones.
for (let steps = 0; steps < pending * 2; steps += 1) clock.step();
run(Math.max(300, milliseconds / 4));
const { ran, nanos } = run(milliseconds);
if (clock.pending !== pending) throw new Error(`${clock.pending} timers wait`);
process.stdout.write(`${JSON.stringify({ perSecond: (ran * 1e9) / nanos })}\n`);
