import { describe, expect, it } from 'vitest';
import { dropToken, takeToken, tokenIn } from './token.ts';

function places(hash: string, kept?: string) {
  const items = new Map(kept === undefined ? [] : [['samewire-token', kept]]);
  const shown: string[] = [];
  return {
    shown,
    items,
    storage: {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void items.set(key, value),
      removeItem: (key: string) => void items.delete(key),
    },
    location: { hash, pathname: '/', search: '' },
    history: { replaceState: (_: unknown, __: string, address?: string | URL | null) => void shown.push(String(address)) },
  };
}

describe('the token', () => {
  it('is taken out of the address, and kept for the tab', () => {
    const here = places('#token=abc_DEF-123');
    expect(takeToken(here)).toBe('abc_DEF-123');
    expect(here.shown).toEqual(['/']);
    expect(takeToken({ ...here, location: { hash: '', pathname: '/', search: '' } })).toBe('abc_DEF-123');
  });

  it('of the address replaces the one that was kept', () => {
    const here = places('#token=new', 'old');
    expect(takeToken(here)).toBe('new');
    expect(here.items.get('samewire-token')).toBe('new');
  });

  it('is not there where there is none, and the address is left alone', () => {
    const here = places('');
    expect(takeToken(here)).toBeUndefined();
    expect(here.shown).toEqual([]);
  });

  it('that no header could carry is not taken, and does not stay in the address either', () => {
    const here = places('#token=a%0d%0ab');
    expect(takeToken(here)).toBeUndefined();
    expect(here.shown).toEqual(['/']);
    expect(here.items.size).toBe(0);
  });

  it('can be dropped', () => {
    const here = places('', 'kept');
    dropToken(here.storage);
    expect(takeToken(here)).toBeUndefined();
  });

  it('is found in what is pasted: alone, or in the whole address', () => {
    expect(tokenIn('  abc-123 ')).toBe('abc-123');
    expect(tokenIn('http://127.0.0.1:8326/#token=abc-123')).toBe('abc-123');
    expect(tokenIn('http://127.0.0.1:8326/')).toBeUndefined();
    expect(tokenIn('#token=%zz')).toBeUndefined();
    expect(tokenIn('')).toBeUndefined();
  });
});
