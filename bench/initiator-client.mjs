// Keeps DEPTH commands under way at a logical unit for SECONDS and prints how many ended a second, what they cost this process, and how many there were
// in all with those before the clock started:
// `node bench/initiator-client.mjs ENTRY URL read|write BLOCK_BYTES DEPTH SECONDS [DATA_DIGEST]`. ENTRY is dist/os/iscsi/index.js, or another build's.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [entry, url, operation, blockBytesText, depthText, secondsText, digest] = process.argv.slice(2);
const { connectIscsi } = await import(pathToFileURL(resolve(entry)).href);
const [blockBytes, depth, seconds] = [blockBytesText, depthText, secondsText].map(Number);
const disk = await connectIscsi(url, digest === undefined ? {} : { dataDigest: digest });
const blocks = blockBytes / disk.blockBytes;
const places = Math.floor(disk.blocks / blocks);
/** Odd, so that strides of it visit every place of a power of two before the first again. */
const STRIDE = 12_289;

let next = 0;
const load = { on: true, count: 0 };
const place = () => {
  next = (next + STRIDE) % places;
  return next * blocks;
};
const reader = async () => {
  const into = Buffer.alloc(blockBytes);
  while (load.on) {
    await disk.read(place(), blocks, { into });
    load.count += 1;
  }
};
const writer = async () => {
  const data = Buffer.alloc(blockBytes, 0x5a);
  while (load.on) {
    await disk.write(place(), data);
    load.count += 1;
  }
};

const one = operation === 'read' ? reader : writer;
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
/** By then the JavaScript is compiled, which goes by how often it has run, not by time; at slow targets patience ends first. */
const WARM_COMMANDS = 20_000;
const WARM_MILLISECONDS_MAX = 3000;
const loops = Array.from({ length: depth }, one);
for (let waited = 0; waited < 300 || (load.count < WARM_COMMANDS && waited < WARM_MILLISECONDS_MAX); waited += 100) await sleep(100);
const countBefore = load.count;
const cpuBefore = process.cpuUsage();
const started = process.hrtime.bigint();
await sleep(seconds * 1000);
const elapsed = Number(process.hrtime.bigint() - started) / 1e9;
const cpu = process.cpuUsage(cpuBefore);
const ended = load.count - countBefore;
load.on = false;
await Promise.all(loops);
await disk.close();
console.log(
  JSON.stringify({ perSecond: ended / elapsed, cpuMicrosecondsPerCommand: (cpu.user + cpu.system) / ended, commands: load.count }),
);
