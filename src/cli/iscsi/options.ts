/** The options that every command at a target has: as whom, with which digests, for how long. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseSize } from '../../fabric/size.ts';
import type { ChapOptions, DigestOption, IscsiOptions, Secret } from '../../os/iscsi/index.ts';
import { type CommandContext, UserError } from '../context.ts';

export interface ConnectionOptions {
  readonly initiator?: string;
  readonly chapUser?: string;
  readonly chapSecretEnv?: string;
  readonly chapSecretFile?: string;
  readonly targetUser?: string;
  readonly targetSecretEnv?: string;
  readonly targetSecretFile?: string;
  readonly headerDigest?: DigestOption;
  readonly dataDigest?: DigestOption;
  readonly timeout?: number;
  readonly json?: boolean;
}

const DIGESTS = ['none', 'crc32c', 'prefer-none', 'prefer-crc32c'];

export function addConnectionOptions(command: Command): Command {
  return command
    .option('--json', 'for programs: JSON')
    .optionsGroup('Connection:')
    .option('--initiator <name>', "this initiator's iSCSI name")
    .option('--timeout <seconds>', 'how long the target has for a login and for each command', positiveNumber)
    .addOption(new Option('--header-digest <digest>', 'CRC-32C over headers').choices(DIGESTS))
    .addOption(new Option('--data-digest <digest>', 'CRC-32C over data').choices(DIGESTS))
    .option('--chap-user <name>', 'log in with CHAP under this name (or user@ in the URL)')
    .option('--chap-secret-env <variable>', 'environment variable with the CHAP secret (default: LIBISCSI_CHAP_PASSWORD)')
    .option('--chap-secret-file <file>', 'file with the CHAP secret')
    .option('--target-user <name>', 'mutual CHAP: the name the target has to give')
    .option('--target-secret-env <variable>', 'mutual CHAP: environment variable with the secret the target has to know')
    .option('--target-secret-file <file>', 'the same in a file');
}

function secretOf(variable: string | undefined, file: string | undefined, what: string): Secret | undefined {
  if (variable !== undefined && file !== undefined)
    throw new UserError(`The ${what} secret is in an environment variable or in a file, not in both.`);
  if (variable !== undefined) return { env: variable };
  return file === undefined ? undefined : { file };
}

export function iscsiOptionsOf(options: ConnectionOptions, context: CommandContext): IscsiOptions {
  const secret = secretOf(options.chapSecretEnv, options.chapSecretFile, 'CHAP');
  const targetSecret = secretOf(options.targetSecretEnv, options.targetSecretFile, "target's");
  if (options.targetUser !== undefined && targetSecret === undefined)
    throw new UserError('--target-user takes --target-secret-env or --target-secret-file: what the target has to know.');
  const chap: ChapOptions = {
    ...(options.chapUser === undefined ? {} : { user: options.chapUser }),
    ...(secret === undefined ? {} : { secret }),
    ...(targetSecret === undefined
      ? {}
      : { mutual: { secret: targetSecret, ...(options.targetUser === undefined ? {} : { user: options.targetUser }) } }),
  };
  const milliseconds = options.timeout === undefined ? undefined : options.timeout * 1000;
  return {
    environment: context.environment,
    ...(options.initiator === undefined ? {} : { initiatorName: options.initiator }),
    ...(Object.keys(chap).length === 0 ? {} : { chap }),
    ...(options.headerDigest === undefined ? {} : { headerDigest: options.headerDigest }),
    ...(options.dataDigest === undefined ? {} : { dataDigest: options.dataDigest }),
    ...(milliseconds === undefined ? {} : { loginTimeoutMilliseconds: milliseconds, commandTimeoutMilliseconds: milliseconds }),
  };
}

// ---- values of options ----

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text) || !(value > 0)) throw new InvalidArgumentError('It has to be a number above zero.');
  return value;
}

export function numberFromZero(text: string): number {
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text)) throw new InvalidArgumentError('It has to be a number, zero or above.');
  return Number(text);
}

/** A whole number from `least` to `most`. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^[0-9]+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It has to be a whole number from ${least} to ${most}.`);
    return value;
  };

/** `64KiB`, `1GiB`, or plain bytes. */
export function sizeArgument(text: string): number {
  const size = parseSize(text);
  if ('value' in size) return size.value;
  throw new InvalidArgumentError(`${size.wrong} ${size.remedy}`);
}
