/** Shares and times as they are typed. */

const NUMBER = /^\d{1,6}(?:[.,]\d{1,9})?$/;

/** From percent, 0 to 100; undefined: that is none. */
export function shareIn(text: string): number | undefined {
  const value = numberIn(text.replace('%', ''));
  return value === undefined || value > 100 ? undefined : Number((value / 100).toFixed(12));
}

/** `0.01`; nothing at all is nothing. */
export function numberIn(text: string): number | undefined {
  const written = text.trim();
  if (written === '') return 0;
  return NUMBER.test(written) ? Number(written.replace(',', '.')) : undefined;
}

/** The other way round. */
export const percentText = (share: number): string => String(Number((share * 100).toPrecision(6)));
