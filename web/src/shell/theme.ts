/** Light, dark, or as the system has it. */
import { useSyncExternalStore } from 'react';
import { readPreference, writePreference } from '../ui/preference.ts';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();
let theme: Theme = THEMES.find((one) => one === readPreference('theme')) ?? 'auto';

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
systemIsDark.addEventListener('change', () => tell());

function tell(): void {
  for (const listener of listeners) listener();
}

export function applyTheme(): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

export function setTheme(chosen: Theme): void {
  theme = chosen;
  writePreference('theme', chosen);
  applyTheme();
  tell();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const useTheme = (): Theme => useSyncExternalStore(listen, () => theme);

/** What is on the screen. */
export const useIsDark = (): boolean => useSyncExternalStore(listen, () => (theme === 'auto' ? systemIsDark.matches : theme === 'dark'));
