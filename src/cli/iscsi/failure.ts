/** What went wrong at a target, as one sentence for the user, and what may help. */
import { CopyRefusal } from '../../os/copy/ends.ts';
import { IscsiError } from '../../os/iscsi/index.ts';
import { UserError } from '../context.ts';

/** Status-Class and Status-Detail of Login Response (RFC 7143 §11.13.5). */
const LOGIN_HINTS: Readonly<Record<number, string>> = {
  0x0201: 'Is the CHAP user right (user@ in the URL, or --chap-user), and the secret (LIBISCSI_CHAP_PASSWORD, or --chap-secret-file)?',
  0x0202: 'The target lets only certain initiators in: say who you are with --initiator.',
  0x0203: 'Is the name of the target right? `samewire iscsi discover` lists those there are.',
};

const HINTS: Partial<Record<IscsiError['reason'], string>> = {
  'connect-failed': 'Is the target running, and are host and port right?',
  'chap-not-offered': 'The target asks for no authentication: leave the CHAP user out.',
  'chap-needed': 'The target wants a CHAP user: user@ in the URL, and its secret in LIBISCSI_CHAP_PASSWORD.',
  'chap-response': 'The target does not know the secret that it has to prove: is it the right target?',
  'header-digest-refused': 'Try --header-digest none, or prefer-crc32c.',
  'data-digest-refused': 'Try --data-digest none, or prefer-crc32c.',
  'auth-method-unknown': 'The target wants a CHAP user: user@ in the URL, and its secret in LIBISCSI_CHAP_PASSWORD.',
};

export function hintFor(error: IscsiError): string | undefined {
  if (error.reason === 'login-refused' && error.loginStatus !== undefined) return LOGIN_HINTS[error.loginStatus];
  return HINTS[error.reason];
}

export const sentenceOf = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof IscsiError ? hintFor(error) : undefined;
  if (hint !== undefined) return `${message} ${hint}`;
  return error instanceof CopyRefusal && error.forcible ? `${message} Go on all the same with --force.` : message;
};

/** Errors that users can do something about lose their stack; others keep it. */
export function userError(error: unknown): unknown {
  if (error instanceof IscsiError || error instanceof CopyRefusal) return new UserError(sentenceOf(error), { cause: error });
  // What the operating system or a secret's reader says.
  if (error instanceof Error && !(error instanceof TypeError || error instanceof RangeError || error.name === 'AssertionError'))
    return new UserError(error.message, { cause: error });
  return error;
}

/** Runs a command at a target; what it rejects with is for users to read. */
export async function explained(action: () => Promise<number>): Promise<number> {
  try {
    return await action();
  } catch (error) {
    throw userError(error);
  }
}
