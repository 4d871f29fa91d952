/** The token that acting takes: it comes in the fragment of the address (`#token=...`), and stays in this tab. */

const KEY = 'samewire-token';

export interface TokenPlaces {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState'>;
}

/** What goes into a subprotocol and a header as it stands (RFC 9110 §5.6.2). */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}$/;

export const isToken = (text: string): boolean => TOKEN.test(text);

/** Takes the token out of the address bar, where it could be read over a shoulder or shared by accident. */
export function takeToken({ storage, location, history }: TokenPlaces): string | undefined {
  const given = new URLSearchParams(location.hash.replace(/^#/, '')).get('token');
  if (given !== null) {
    history.replaceState(undefined, '', `${location.pathname}${location.search}`);
    if (isToken(given)) keepToken(storage, given);
  }
  const kept = storage.getItem(KEY);
  return kept !== null && isToken(kept) ? kept : undefined;
}

export const keepToken = (storage: TokenPlaces['storage'], token: string): void => storage.setItem(KEY, token);

export const dropToken = (storage: TokenPlaces['storage']): void => storage.removeItem(KEY);

/** What somebody pastes: the token, or the whole address with it. */
export function tokenIn(pasted: string): string | undefined {
  const text = pasted.trim();
  const found = /#token=([^&\s]+)/.exec(text)?.[1];
  const token = found === undefined ? text : decoded(found);
  return isToken(token) ? token : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
