/** `samewire isns domain`: discovery domains (RFC 4171 §2.2.2), which say who sees whom. */
import { type CommandContext, UserError } from '../context.ts';
import { count } from '../plain-text.ts';
import { atServer, type IsnsCommandOptions } from './options.ts';

export interface DomainOptions extends IsnsCommandOptions {
  readonly id?: number;
  readonly name?: string;
  readonly member?: readonly string[];
  readonly remove?: boolean;
}

export function domain(server: string, options: DomainOptions, context: CommandContext): Promise<number> {
  const { id, name, member: members = [] } = options;
  if (options.remove === true && id === undefined) throw new UserError('Which discovery domain? Give its number with --id.');
  return atServer(server, options, async (connection) => {
    if (options.remove === true) {
      await connection.deregisterDomain(id!, members);
      const what =
        members.length === 0 ? `Discovery domain ${id} is gone` : `${count(members.length, 'member')} out of discovery domain ${id}`;
      context.out(options.json === true ? `${JSON.stringify({ domain: id })}\n` : `${what}.\n`);
      return 0;
    }
    const given = { members, ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) };
    const made = await connection.registerDomain(given);
    context.out(
      options.json === true
        ? `${JSON.stringify({ domain: made })}\n`
        : `Discovery domain ${made}: ${count(members.length, 'member')} added.\n`,
    );
    return 0;
  });
}
