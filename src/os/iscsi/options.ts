/** What callers say of a session they want, and what it means. */
import { hostname } from 'node:os';
import type { EventSink } from '../../base/event.ts';
import { ignoreEvents } from '../../base/event.ts';
import { utf8Bytes } from '../../base/bytes.ts';
import { MILLISECOND, SECOND } from '../../base/clock.ts';
import { type ChapAlgorithm, type ChapCredentials, OFFERED_CHAP_ALGORITHMS } from '../../storage/iscsi/chap.ts';
import { type Dial, defaultInitiatorLimits, type InitiatorLimits, type IscsiUrl } from '../../storage/iscsi/initiator/index.ts';
import type { DigestChoice } from '../../storage/iscsi/parameters.ts';
import { secretReader } from '../secrets.ts';
import { dialFrom } from './dial.ts';
import { usageError } from './iscsi-error.ts';

/** A secret itself (UTF-8 if it is text), or where it is: an environment variable, or a file whose last line end does not count. */
export type Secret = string | Uint8Array | { readonly env: string } | { readonly file: string };

export interface ChapOptions {
  /** Default: the user in the URL. */
  readonly user?: string;
  /** Default: the secret in the URL, then the environment variable `LIBISCSI_CHAP_PASSWORD`. */
  readonly secret?: Secret;
  /** The target has to prove itself too. `user`: the name it has to give; default: any. */
  readonly mutual?: { readonly user?: string; readonly secret: Secret };
  readonly algorithms?: readonly ChapAlgorithm[];
  /** Gives up where the target asks for no authentication. Default: only with `mutual`. */
  readonly required?: boolean;
}

/** `prefer-...`: both are offered, that one first. */
export type DigestOption = 'none' | 'crc32c' | 'prefer-none' | 'prefer-crc32c';

export interface IscsiOptions {
  /** This initiator's iSCSI name. Default: one made from the host's name. */
  readonly initiatorName?: string;
  readonly initiatorAlias?: string;
  /** The address of this machine to connect from: the initiator's portal. Default: whichever leads there. */
  readonly localAddress?: string;
  /** What connects, in place of the operating system: the TCP of a machine of a fabric, for one. Default: the operating system, from `localAddress`. */
  readonly dial?: Dial;
  readonly chap?: ChapOptions;
  readonly headerDigest?: DigestOption;
  readonly dataDigest?: DigestOption;
  /** From the first attempt to the full feature phase; default 15 s. */
  readonly loginTimeoutMilliseconds?: number;
  /** Of a command, from when it was sent; 0: none. Default 30 s. */
  readonly commandTimeoutMilliseconds?: number;
  /**
   * What is recovered, if the target agrees (RFC 7143 §7.1.5): 0, the session by another one; 1, also damaged and lost PDUs; 2, also lost
   * connections. Default 0.
   */
  readonly errorRecoveryLevel?: 0 | 1 | 2;
  /** Connections of the session, if the target agrees. Default 1. */
  readonly connections?: number;
  /** Offered as DefaultTime2Wait: how long the target is left alone after a loss. Default 0. */
  readonly time2WaitSeconds?: number;
  /** Offered as DefaultTime2Retain: how long the target keeps the tasks of a lost connection. Default 20 at level 2, else 0. */
  readonly time2RetainSeconds?: number;
  /** How long a lost session is tried to be brought back; 0: not at all. Default 120 s. */
  readonly recoverySeconds?: number;
  /** Anything else there is a bound for. */
  readonly limits?: Partial<InitiatorLimits>;
  /** What happens to the session, as typed events. */
  readonly events?: EventSink;
  /** Gives up opening. */
  readonly signal?: AbortSignal;
  /** Where environment variables are looked up; default: the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const DIGESTS: Readonly<Record<DigestOption, readonly DigestChoice[]>> = {
  none: ['None'],
  crc32c: ['CRC32C'],
  'prefer-none': ['None', 'CRC32C'],
  'prefer-crc32c': ['CRC32C', 'None'],
};

/** libiscsi's words in a URL. */
const URL_DIGESTS: Readonly<Record<string, DigestOption>> = {
  none: 'none',
  crc32c: 'crc32c',
  'none,crc32c': 'prefer-none',
  'none-crc32c': 'prefer-none',
  'crc32c,none': 'prefer-crc32c',
  'crc32c-none': 'prefer-crc32c',
};

export const initiatorNameOf = (options: IscsiOptions): string =>
  options.initiatorName ??
  `iqn.2026-01.net.samewire:${
    hostname()
      .toLowerCase()
      .replaceAll(/[^a-z0-9.-]/g, '-')
      .slice(0, 180) || 'host'
  }`;

export const dialOf = ({ dial, localAddress }: IscsiOptions): Dial => dial ?? dialFrom(localAddress);

export const eventsOf = (options: IscsiOptions): EventSink => options.events ?? ignoreEvents;

function digestOf(option: DigestOption | undefined, url: IscsiUrl | undefined, key: string): readonly DigestChoice[] | undefined {
  if (option !== undefined) return DIGESTS[option];
  const text = url?.options.get(key);
  if (text === undefined) return undefined;
  const choice = URL_DIGESTS[text.toLowerCase()];
  if (choice === undefined) throw usageError(`The URL's ${key} is none of none, crc32c, none-crc32c and crc32c-none.`);
  return DIGESTS[choice];
}

/** RFC 7143 §13.16: the default of DefaultTime2Retain. */
const RETAIN_SECONDS = 20;

export function limitsOf(options: IscsiOptions, url: IscsiUrl | undefined): InitiatorLimits {
  const headerDigest = digestOf(options.headerDigest, url, 'header_digest');
  const dataDigest = digestOf(options.dataDigest, url, 'data_digest');
  const { loginTimeoutMilliseconds, commandTimeoutMilliseconds, recoverySeconds, errorRecoveryLevel, connections } = options;
  const time2RetainSeconds = options.time2RetainSeconds ?? (errorRecoveryLevel === 2 ? RETAIN_SECONDS : undefined);
  return {
    ...defaultInitiatorLimits,
    ...(headerDigest === undefined ? {} : { headerDigest }),
    ...(dataDigest === undefined ? {} : { dataDigest }),
    ...(loginTimeoutMilliseconds === undefined ? {} : { loginTimeoutNanos: loginTimeoutMilliseconds * MILLISECOND }),
    ...(commandTimeoutMilliseconds === undefined ? {} : { commandTimeoutNanos: commandTimeoutMilliseconds * MILLISECOND }),
    ...(recoverySeconds === undefined ? {} : { recoveryNanos: recoverySeconds * SECOND }),
    ...(errorRecoveryLevel === undefined ? {} : { errorRecoveryLevel }),
    ...(connections === undefined ? {} : { maxConnections: connections }),
    ...(options.time2WaitSeconds === undefined ? {} : { time2WaitSeconds: options.time2WaitSeconds }),
    ...(time2RetainSeconds === undefined ? {} : { time2RetainSeconds }),
    ...options.limits,
  };
}

/** Undefined: no authentication. Throws an IscsiError, or an Error that says which secret can't be had and why. */
export function credentialsOf(
  options: IscsiOptions,
  url: IscsiUrl | undefined,
): { credentials: ChapCredentials | undefined; required: boolean } {
  const environment = options.environment ?? process.env;
  const { chap } = options;
  const user = chap?.user ?? url?.user ?? environment['LIBISCSI_CHAP_USERNAME'];
  if (user === undefined) {
    if (chap !== undefined) throw usageError('CHAP needs a user: in the URL, or in the options.');
    return { credentials: undefined, required: false };
  }
  const given =
    chap?.secret ?? url?.secret ?? (environment['LIBISCSI_CHAP_PASSWORD'] === undefined ? undefined : { env: 'LIBISCSI_CHAP_PASSWORD' });
  if (given === undefined)
    throw usageError(`There is no CHAP secret for ${user}: give it in the options, or in the environment variable LIBISCSI_CHAP_PASSWORD.`);
  const secret = bytesOf(given, environment);
  const mutual = mutualOf(options, url, environment);
  // RFC 7143 §12.1.3: whoever knows the one would know the other.
  if (mutual !== undefined && Buffer.compare(mutual.secret, secret) === 0)
    throw usageError('The two CHAP secrets are the same: each direction needs its own.');
  return {
    credentials: {
      user,
      secret,
      algorithms: chap?.algorithms ?? OFFERED_CHAP_ALGORITHMS,
      ...(mutual === undefined ? {} : { mutual }),
    },
    required: chap?.required ?? mutual !== undefined,
  };
}

function mutualOf(
  options: IscsiOptions,
  url: IscsiUrl | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): ChapCredentials['mutual'] {
  const declared = options.chap?.mutual;
  if (declared !== undefined)
    return { secret: bytesOf(declared.secret, environment), ...(declared.user === undefined ? {} : { user: declared.user }) };
  const user = url?.options.get('target_user') ?? environment['LIBISCSI_CHAP_TARGET_USERNAME'];
  if (user === undefined) return undefined;
  const secret =
    url?.options.get('target_password') ??
    (environment['LIBISCSI_CHAP_TARGET_PASSWORD'] === undefined ? undefined : { env: 'LIBISCSI_CHAP_TARGET_PASSWORD' });
  if (secret === undefined)
    throw usageError(
      `There is no CHAP secret that ${user} could prove itself with: give it in the environment variable LIBISCSI_CHAP_TARGET_PASSWORD.`,
    );
  return { user, secret: bytesOf(secret, environment) };
}

/** Longest secret we hash; initiators can't be expected to take more (RFC 7143 §12.1). */
const SECRET_BYTES_MAX = 255;
/** RFC 7143 §9.2.1: a CHAP secret has at least 96 bits. */
const SECRET_BYTES_MIN = 12;

function bytesOf(secret: Secret, environment: Readonly<Record<string, string | undefined>>): Uint8Array {
  if (typeof secret === 'object' && !(secret instanceof Uint8Array)) {
    const source = 'env' in secret ? ({ kind: 'env', name: secret.env } as const) : ({ kind: 'file', path: secret.file } as const);
    return secretReader(environment)(source);
  }
  const bytes = typeof secret === 'string' ? utf8Bytes(secret) : secret;
  if (bytes.length < SECRET_BYTES_MIN || bytes.length > SECRET_BYTES_MAX)
    throw usageError(`A CHAP secret has ${bytes.length} bytes; it needs ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX}.`);
  return bytes;
}
