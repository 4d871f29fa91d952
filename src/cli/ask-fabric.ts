/** A fabric that is up, asked over its control socket on behalf of a command. */
import { type CommandContext, UserError } from './context.ts';

/** `file` undefined: the only fabric that is up. Rejects with a UserError. */
export async function askFabric(
  file: string | undefined,
  method: 'GET' | 'POST',
  url: string,
  body: unknown,
  context: CommandContext,
): Promise<unknown> {
  return present(file, await saying(context.askControl(file, method, url, body)));
}

/** What it gives, or a UserError with the sentence of what went wrong. */
export const saying = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    throw new UserError(error instanceof Error ? error.message : String(error), { cause: error });
  });

export function present<T>(file: string | undefined, answer: T | undefined): T {
  if (answer !== undefined) return answer;
  if (file === undefined) throw new UserError('The fabric is not up any more.');
  throw new UserError(`${file} is not up, or not as this user. Bring it up with: samewire up ${file}`);
}
