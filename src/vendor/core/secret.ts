/** What stands in a command instead of a secret: whose it is, so that reading it back says so. */

/** `text`: `env:NAME` or `file:PATH`, as settings have it. */
export const secretPlaceholder = (text: string): string =>
  text.startsWith('env:') ? `<secret of ${text.slice(4)}>` : `<secret in ${text.slice(5)}>`;

/** Undefined: it is a secret itself, and is not kept. */
export function secretOf(written: string): string | undefined {
  const match = /^<secret (of|in) ([^<>]{1,1024})>$/.exec(written);
  return match === null ? undefined : `${match[1] === 'of' ? 'env' : 'file'}:${match[2]}`;
}

/** Unknown lines are shown, and may end in a log: what follows these words does not (`-S` is esxcli's short `--secret`). */
const TELLING =
  /^(.*?(?:(?:password|passwd|passphrase|secret)\w{0,32}|\bchap set\b.*? -S|\b(?:community|pre-shared-key|key-string|md5|sha|key)\b)["']?)(?: *[=:] *| +)\S/i;

export function withoutSecret(text: string): string {
  const seen = text.slice(0, SHOWN_MOST);
  const before = TELLING.exec(seen)?.[1];
  if (before !== undefined) return `${before} <hidden>`;
  return seen === text ? text : `${seen}...`;
}

/** Lines of devices are shorter; what is behind is not looked at, and not shown. */
const SHOWN_MOST = 1024;
