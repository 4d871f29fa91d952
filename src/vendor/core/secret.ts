/** What stands in a command instead of a secret: whose it is, so that reading it back says so. */

/** `text`: `env:NAME` or `file:PATH`, as settings have it. */
export const secretPlaceholder = (text: string): string =>
  text.startsWith('env:') ? `<secret of ${text.slice(4)}>` : `<secret in ${text.slice(5)}>`;

/** Undefined: it is a secret itself, and is not kept. */
export function secretOf(written: string): string | undefined {
  const match = /^<secret (of|in) ([^<>]{1,1024})>$/.exec(written);
  return match === null ? undefined : `${match[1] === 'of' ? 'env' : 'file'}:${match[2]}`;
}

/** Unknown lines are shown, and may end in a log: what follows these words does not. */
const TELLING =
  /^(.*?(?:password|passwd|passphrase|secret|\b(?:community|pre-shared-key|key-string|md5|sha|key))\b["']?)(?: *[=:] *| +)\S/i;

export function withoutSecret(text: string): string {
  const before = TELLING.exec(text.slice(0, LOOKED_AT))?.[1];
  return before === undefined ? text : `${before} <hidden>`;
}

/** Lines of devices are shorter; what is behind is cut where anything is shown. */
const LOOKED_AT = 1024;
