// One check of one file in a process of its own, or one parse of it by the `yaml` package: `node bench/check/one-run.mjs DIST FILE check|parse`.
// Prints a line of JSON: milliseconds of each step, and how far memory grew over what the loaded program takes.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const [dist, file, what] = process.argv.slice(2);
const load = (path) => import(join(resolve(dist), path));
const { readYaml } = await load('fabric/read-yaml.js');
const { readDeclaration } = await load('fabric/read-declaration.js');
const { buildModel } = await load('fabric/build-model.js');
const { checkFabric } = await load('check/check-fabric.js');
const { RULES } = await load('check/rules.js');

const text = readFileSync(file, 'utf8');
const before = process.memoryUsage().rss;
const grown = () => process.resourceUsage().maxRSS * 1024 - before;

const steps = {};
function timed(name, step) {
  const start = performance.now();
  const result = step();
  steps[name] = performance.now() - start;
  return result;
}

if (what === 'parse') {
  timed('parse', () => parse(text));
  console.log(JSON.stringify({ steps, grown: grown() }));
} else {
  const { value, positions, problems, usable } = timed('yaml', () => readYaml(text, file));
  if (!usable) throw new Error(problems[0].message);
  const { declaration, original, removed, problems: refused } = timed('schema', () => readDeclaration(value, positions));
  if (declaration === undefined) throw new Error(refused[0].message);
  const fabric = timed('model', () => buildModel(declaration, original));
  const found = timed('rules', () => checkFabric(fabric, positions, removed));
  const memory = grown();
  const { user, system } = process.cpuUsage();
  // A copy, of which nothing is known yet: a look-up that several rules share is paid by the first.
  const copy = { ...fabric };
  const rules = RULES.map((rule) => {
    const start = performance.now();
    rule.check(copy);
    return [`${rule.id} ${rule.name}`, performance.now() - start];
  });
  const counts = {};
  for (const { rule } of [...problems, ...refused, ...found]) counts[rule] = (counts[rule] ?? 0) + 1;
  console.log(JSON.stringify({ steps, grown: memory, cpuSeconds: (user + system) / 1e6, rules, found: counts }));
}
