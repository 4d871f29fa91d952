/** What the commands at an iSNS server share: in whose name, for how long, and errors for people. */
import { initiatorNameOf } from '../../os/iscsi/options.ts';
import { IsnsConnection, IsnsFailure } from '../../os/isns/index.ts';
import { parsePortal } from '../../storage/iscsi/initiator/index.ts';
import { UserError } from '../context.ts';

export interface IsnsCommandOptions {
  readonly as?: string;
  readonly timeout?: number;
  readonly json?: boolean;
}

export const nameOf = (options: IsnsCommandOptions): string => options.as ?? initiatorNameOf({});

export const timeoutOf = (options: IsnsCommandOptions): { readonly timeoutMilliseconds?: number } =>
  options.timeout === undefined ? {} : { timeoutMilliseconds: options.timeout * 1000 };

/** Runs an action at a server; what goes wrong there is a sentence for the user. */
export async function atServer(
  server: string,
  options: IsnsCommandOptions,
  action: (connection: IsnsConnection) => Promise<number>,
): Promise<number> {
  return told(async () => {
    await using connection = new IsnsConnection(server, { source: nameOf(options), ...timeoutOf(options) });
    return await action(connection);
  });
}

export async function told(action: () => Promise<number>): Promise<number> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof IsnsFailure)) throw error;
    const hint = error.reason === 'timed-out' ? ' Is the server running, and are host and port right?' : '';
    throw new UserError(`${error.message}${hint}`, { cause: error });
  }
}

/** `host[:port]` with an IP address. */
export function portalArgument(text: string): { readonly address: string; readonly port: number } {
  const portal = parsePortal(text);
  if (portal === undefined || portal.groupTag !== undefined)
    throw new UserError(
      `${text} is no portal: the form is an IP address, with a port behind it such as 192.0.2.1:3260 or [2001:db8::1]:3260.`,
    );
  return { address: portal.host, port: portal.port };
}
