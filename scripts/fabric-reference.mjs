// Writes the reference part of docs/fabric-file.md from schema/fabric.schema.json. `--check` only says whether it is current.
import { readFileSync, writeFileSync } from 'node:fs';

const DOCUMENT = 'docs/fabric-file.md';
const BEGIN = '<!-- reference: made by `npm run docs`, do not edit -->';
const END = '<!-- end of reference -->';

const schema = JSON.parse(readFileSync('schema/fabric.schema.json', 'utf8'));
const resolve = (node) =>
  node?.$ref === undefined
    ? node
    : node.$ref
        .split('/')
        .slice(1)
        .reduce((at, key) => at[key], schema);

const rows = [];
const seen = new Set();
/** Mappings that stand at several places are told once: from their keys to where that was. */
const told = new Map();
const KEYS_WORTH_A_REFERENCE = 4;
function visit(node, path) {
  const own = resolve(node);
  if (own === undefined || typeof own !== 'object') return;
  const shape = Object.keys(own.properties ?? {}).length < KEYS_WORTH_A_REFERENCE ? undefined : JSON.stringify(own.properties);
  const before = shape === undefined ? undefined : told.get(shape);
  if (shape !== undefined && before === undefined) told.set(shape, path);
  const elsewhere = before === undefined || before === path ? '' : ` Keys as in \`${before}\`.`;
  if (own.description !== undefined && path !== '' && !seen.has(path)) {
    seen.add(path);
    const fallback = own.default === undefined ? '' : `\`${JSON.stringify(own.default).replaceAll('"', '')}\``;
    rows.push(`| \`${path}\` | ${own.description.replaceAll('|', '\\|')}${elsewhere} | ${fallback} |`);
  }
  if (elsewhere !== '') return;
  for (const [key, value] of Object.entries(own.properties ?? {})) visit(value, path === '' ? key : `${path}.${key}`);
  if (typeof own.additionalProperties === 'object') visit(own.additionalProperties, `${path}.NAME`);
  if (own.items !== undefined) visit(own.items, `${path}[]`);
  for (const choice of [...(own.anyOf ?? []), ...(own.oneOf ?? [])]) visit(choice, path);
}
visit(schema, '');

const text = readFileSync(DOCUMENT, 'utf8');
const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length);
const after = text.slice(text.indexOf(END));
const made = `${before}\n\n| key | meaning | default |\n|---|---|---|\n${rows.join('\n')}\n\n${after}`;
if (process.argv.includes('--check')) {
  if (made === text) process.exit(0);
  console.error(`${DOCUMENT} is not what the schema says; run npm run docs`);
  process.exit(1);
}
writeFileSync(DOCUMENT, made);
