/** `samewire sessions`: who is logged in at the arrays of a fabric that is up, and ending a session there. */
import type { Command } from 'commander';
import type { SessionsAnswer } from '../server/api/storage.ts';
import { askFabric } from './ask-fabric.ts';
import { type CommandContext, UserError } from './context.ts';
import type { Run } from './iscsi/program.ts';
import { paintedTable } from './painted-table.ts';

export interface SessionsOptions {
  readonly json?: boolean;
}

const FILE = 'the fabric file (may be left out where one fabric is up)';

export function addSessionCommands(program: Command, context: CommandContext, run: Run): void {
  const group = program
    .command('sessions')
    .description('who is logged in at the arrays of a fabric that is up')
    .argument('[file]', FILE)
    .option('--json', 'for programs: one JSON object')
    .addHelpText(
      'after',
      examples('samewire sessions', 'samewire sessions fabrics/rack.yaml', 'samewire sessions end fabrics/rack.yaml array1 3'),
    )
    .action(run((file: string | undefined, options) => listSessions(file, options, context)));

  group
    .command('end')
    .description('end a session at its array, as if its connections were lost; most initiators log in anew at once')
    .usage('[options] [file] <array> <id>')
    .argument('[file array id...]', `${FILE}, then an array and the number that \`samewire sessions\` shows`)
    .option('--json', 'for programs: one JSON object')
    .addHelpText('after', examples('samewire sessions end fabrics/rack.yaml array1 3'))
    .action(
      run((words: string[], options, command: Command) => {
        const json = options.json === true || command.parent?.opts()['json'] === true;
        return endSession(words, { json }, context);
      }),
    );
}

/** `file` undefined: the only fabric that is up. */
export async function listSessions(file: string | undefined, options: SessionsOptions, context: CommandContext): Promise<number> {
  show((await askFabric(file, 'GET', '/api/sessions', undefined, context)) as SessionsAnswer, options, context);
  return 0;
}

/** `words`: the file, which may be left out, an array, and the number of a session. */
export async function endSession(words: readonly string[], options: SessionsOptions, context: CommandContext): Promise<number> {
  if (words.length !== 2 && words.length !== 3)
    throw new UserError('This takes the fabric file and then an array and a session, such as array1 3; --help shows examples.');
  const [array, id] = words.slice(-2) as [string, string];
  if (!/^[1-9]\d{0,14}$/.test(id)) throw new UserError(`\`${id}\` is no session; \`samewire sessions\` shows their numbers.`);
  const file = words.length === 3 ? words[0] : undefined;
  const answer = (await askFabric(file, 'POST', '/api/sessions/end', { array, session: Number(id) }, context)) as SessionsAnswer;
  if (options.json === true) context.out(`${JSON.stringify(answer)}\n`);
  else context.out(`Session ${id} at ${array} is ended.\n`);
  return 0;
}

function show(answer: SessionsAnswer, options: SessionsOptions, context: CommandContext): void {
  if (options.json === true) return context.out(`${JSON.stringify(answer)}\n`);
  if (answer.sessions.length === 0) return context.out(`Nobody is logged in at the arrays of ${answer.fabric}.\n`);
  const rows = answer.sessions.map(({ array, id, target, initiator, from: origin, remotes, authentication, commandsUnderWay }) => ({
    cells: [
      array,
      String(id),
      initiator,
      target ?? 'discovery',
      [...(origin === undefined ? [] : [origin]), ...remotes].join(', '),
      authentication === 'none' ? 'none' : authentication === 'chap' ? 'CHAP' : 'mutual CHAP',
      String(commandsUnderWay),
    ],
    tone: 'plain' as const,
  }));
  context.out(
    paintedTable(['array', 'id', 'initiator', 'target', 'origin', 'authentication', 'commands'], rows, context.outColors, [1, 6]),
  );
}

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
