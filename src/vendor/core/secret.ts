/** What stands in a command instead of a secret: whose it is, so that reading it back says so. */

/** `text`: `env:NAME` or `file:PATH`, as settings have it. */
export const secretPlaceholder = (text: string): string =>
  text.startsWith('env:') ? `<secret of ${text.slice(4)}>` : `<secret in ${text.slice(5)}>`;

/** Undefined: it is a secret itself, and is not kept. */
export function secretOf(written: string): string | undefined {
  const match = /^<secret (of|in) ([^<>]{1,1024})>$/.exec(written);
  return match === null ? undefined : `${match[1] === 'of' ? 'env' : 'file'}:${match[2]}`;
}
