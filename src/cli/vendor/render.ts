/** `samewire render`: what to type at a device for what the fabric file says of it. */
import { addTo } from '../../base/grouped.ts';
import { loadFabric } from '../../fabric/load.ts';
import type { Fabric } from '../../fabric/model.ts';
import type { Positions } from '../../fabric/positions.ts';
import { declaredNode, declaredNodes } from '../../vendor/core/declared.ts';
import type { Command, DeclaredNode, Dialect, Rendering } from '../../vendor/core/dialect.ts';
import { keyText, valueText } from '../../vendor/core/setting.ts';
import { DIALECTS } from '../../vendor/dialects.ts';
import { type CommandContext, UsageError } from '../context.ts';
import { tableLines } from '../iscsi/words.ts';
import { count, plainLine } from '../plain-text.ts';
import { renderProblems } from '../render-problems.ts';
import { commentOf } from './comments.ts';
import { chosenDialect, readOf } from './inputs.ts';
import { placeOf, placeText } from './words.ts';

export interface RenderOptions {
  readonly node?: string;
  readonly as?: string;
  readonly verify?: boolean;
  readonly files?: string;
  readonly json?: boolean;
}

export async function render(file: string, options: RenderOptions, context: CommandContext): Promise<number> {
  const text = await readOf(file, context);
  const { fabric, problems, positions } = loadFabric(text, file === '-' ? '<stdin>' : file);
  if (fabric === undefined) {
    context.err(`${renderProblems(problems, text, context.errColors)}\n`);
    return 1;
  }
  if (options.node === undefined || options.as === undefined) return listChoices(fabric, options, context);
  const dialect = chosenDialect(options.as);
  const node = declaredNode(fabric, options.node);
  if (node === undefined) throw new UsageError(`There is no node \`${options.node}\` in ${file}.${didYouMean(fabric)}`);
  if (!dialect.kinds.includes(node.kind))
    throw new UsageError(
      `\`${node.name}\` is a ${node.kind}, and \`${dialect.name}\` is for ${dialect.kinds.map((kind) => `${kind}s`).join(' and ')}.`,
    );
  const rendering = dialect.emit(node);
  if (options.files !== undefined) await writeFiles(rendering, options.files, context);
  if (options.json === true) context.out(`${JSON.stringify(jsonOf(node, dialect, rendering, positions))}\n`);
  else if (options.verify === true) context.out(verificationText(rendering, context));
  else {
    const comment = commentOf(dialect.name);
    const head = `${node.name} of ${file === '-' ? '<stdin>' : file}, written for ${dialect.product}`;
    if (comment === undefined) context.err(`${context.errColors.dim(plainLine(head))}\n`);
    else context.out(`${context.outColors.dim(plainLine(`${comment} ${head}`))}\n`);
    context.out(commandsText(dialect, rendering, positions, context));
    context.err(remarks(dialect, rendering, options, context, positions));
  }
  return 0;
}

const didYouMean = (fabric: Fabric): string => {
  const names = declaredNodes(fabric).map(({ name }) => name);
  return names.length === 0 ? ' It has none.' : ` It has ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}.`;
};

function fitting(fabric: Fabric, { name, kind }: DeclaredNode): readonly Dialect[] {
  const os = [...fabric.hosts, ...fabric.arrays].find((one) => one.name === name)?.machine.os;
  return DIALECTS.filter((dialect) => dialect.kinds.includes(kind) && (os === undefined || (dialect.system ?? os) === os));
}

function listChoices(fabric: Fabric, options: RenderOptions, context: CommandContext): number {
  const nodes = declaredNodes(fabric).filter(({ name }) => options.node === undefined || name === options.node);
  if (options.node !== undefined && nodes.length === 0) throw new UsageError(`There is no node \`${options.node}\`.${didYouMean(fabric)}`);
  const rows = nodes
    .map((node) => ({ node: node.name, kind: node.kind, dialects: fitting(fabric, node).map(({ name }) => name) }))
    .filter(({ dialects }) => options.as === undefined || dialects.includes(chosenDialect(options.as).name));
  if (options.json === true) context.out(`${JSON.stringify(rows)}\n`);
  else if (rows.length === 0) context.out('There is no node that this fits.\n');
  else {
    const table = tableLines([['node', 'kind', '--as'], ...rows.map(({ node, kind, dialects }) => [node, kind, dialects.join(', ')])]);
    context.out(
      `${context.outColors.bold(table[0]!)}\n${table
        .slice(1)
        .map((line) => `${line}\n`)
        .join('')}`,
    );
    const used = new Set(rows.flatMap(({ dialects }) => dialects));
    for (const { name, product } of DIALECTS) if (used.has(name)) context.out(`${name}: ${product}\n`);
    context.out(context.outColors.dim('Commands for one of them: samewire render FILE --node NODE --as DIALECT\n'));
  }
  return 0;
}

const whereOf = ({ from }: Command, positions: Positions): string | undefined =>
  from === undefined ? undefined : placeText(placeOf({ kind: 'declared', at: from }, positions));

/** To a terminal the place stands beside the command; elsewhere in comments before those of one place, so that the text can be fed to the device. */
function commandsText(dialect: Dialect, { commands }: Rendering, positions: Positions, context: CommandContext): string {
  const { dim, cyan, yellow } = context.outColors;
  const comment = commentOf(dialect.name);
  const places = commands.map((command) => whereOf(command, positions));
  if (context.outIsTerminal) {
    const width = Math.min(90, Math.max(0, ...commands.map(({ text }) => text.length)));
    return commands
      .map(({ text, note }, index) => {
        const place = places[index];
        const side = place === undefined || place === places[index - 1] ? '' : `  ${place}`;
        return `${cyan(plainLine(text))}${side === '' ? '' : `${' '.repeat(Math.max(0, width - text.length))}${dim(side)}`}\n${note === undefined ? '' : `    ${yellow(plainLine(note))}\n`}`;
      })
      .join('');
  }
  let last: string | undefined;
  return commands
    .map(({ text, note }, index) => {
      const place = places[index];
      const isNew = comment !== undefined && place !== undefined && place !== last;
      if (place !== undefined) last = place;
      const before = isNew ? `${comment} ${place}\n` : '';
      return `${before}${comment === undefined || note === undefined ? '' : `${comment} ${plainLine(note)}\n`}${plainLine(text)}\n`;
    })
    .join('');
}

function verificationText({ verification }: Rendering, context: CommandContext): string {
  if (verification.length === 0) return 'There is nothing to verify.\n';
  const { cyan, dim } = context.outColors;
  return verification
    .map(
      ({ command, expect }) =>
        `${cyan(plainLine(command))}\n${expect.map((line) => `${dim('  should print:')} ${plainLine(line)}\n`).join('')}`,
    )
    .join('');
}

type Unsaid = Rendering['unsaid'][number];
/** Of settings that are not said for one reason so many are shown. */
const ALIKE_SHOWN = 3;

/** What is no command: notes that have no comment to stand in, files, and what the dialect has no words for. */
function remarks(dialect: Dialect, rendering: Rendering, options: RenderOptions, context: CommandContext, positions: Positions): string {
  const { yellow, dim } = context.errColors;
  const hasNotes = !context.outIsTerminal && commentOf(dialect.name) === undefined;
  const notes = hasNotes
    ? rendering.commands
        .filter(({ note }) => note !== undefined)
        .map(({ text, note }) => `${dim('note:')} ${plainLine(text)}: ${plainLine(note!)}\n`)
    : [];
  const files =
    options.files === undefined ? rendering.files.map(({ path }) => `${dim('file:')} ${plainLine(path)}, written with --files DIR\n`) : [];
  const byReason = new Map<string, Unsaid[]>();
  for (const one of rendering.unsaid) {
    addTo(byReason, one.why, one);
  }
  const unsaid = [...byReason].flatMap(([why, list]) => [
    ...list
      .slice(0, list.length > ALIKE_SHOWN + 1 ? ALIKE_SHOWN : list.length)
      .map(
        ({ setting }) =>
          `  ${placeText(placeOf(setting.from, positions))}: ${plainLine(keyText(setting.key))} = ${plainLine(valueText(setting.value))}: ${plainLine(why)}\n`,
      ),
    ...(list.length > ALIKE_SHOWN + 1 ? [`  ... and ${list.length - ALIKE_SHOWN} more for the same reason (\`--json\` has each)\n`] : []),
  ]);
  const head = unsaid.length === 0 ? '' : `${yellow(`${count(rendering.unsaid.length, 'setting')} not said in \`${dialect.name}\`:`)}\n`;
  return [...notes, ...files, head, ...unsaid].join('');
}

async function writeFiles({ files }: Rendering, folder: string, context: CommandContext): Promise<void> {
  for (const { path, text } of files) {
    const inside = path.split(/[\\/]+/).filter((step) => step !== '' && step !== '.' && step !== '..' && !step.endsWith(':'));
    const name = `${folder.replace(/\/+$/, '')}/${inside.join('/')}`;
    await context.writeText(name, text, true);
    context.err(`wrote ${plainLine(name)}\n`);
  }
}

const jsonOf = (node: DeclaredNode, dialect: Dialect, rendering: Rendering, positions: Positions): unknown => ({
  node: node.name,
  dialect: dialect.name,
  product: dialect.product,
  source: dialect.source,
  commands: rendering.commands.map((command) => ({
    text: command.text,
    ...(command.from === undefined ? {} : placeOf({ kind: 'declared', at: command.from }, positions)),
    ...(command.note === undefined ? {} : { note: command.note }),
  })),
  verification: rendering.verification,
  files: rendering.files,
  unsaid: rendering.unsaid.map(({ setting, why }) => ({
    key: setting.key,
    value: setting.value,
    ...placeOf(setting.from, positions),
    why,
  })),
});
