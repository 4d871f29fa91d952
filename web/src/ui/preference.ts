/** What somebody prefers, kept in this browser: light or dark, how the page is divided. */

const prefixed = (name: string): string => `samewire-${name}`;

/** Storage can be forbidden: then nothing is kept. */
export function readPreference(name: string): string | undefined {
  try {
    return localStorage.getItem(prefixed(name)) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writePreference(name: string, value: string): void {
  try {
    localStorage.setItem(prefixed(name), value);
  } catch {
    // It is for this visit only.
  }
}
