import { describe, expect, it } from 'vitest';
import { decoded } from './process-context.ts';

describe('texts that are read', () => {
  it('may be UTF-16, as Windows PowerShell saves what commands print', () => {
    const text = 'PriorityFlowControl : 0..2 grün\r\n';
    const little = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(decoded(little)).toBe(text);
    expect(decoded(Buffer.from(little).swap16())).toBe(text);
    expect(decoded(Buffer.from(text, 'utf8'))).toBe(text);
  });

  it('keep what a reader of UTF-8 has always had', () => {
    expect(decoded(Buffer.from('\ufeffa', 'utf8'))).toBe('\ufeffa');
    expect(decoded(new Uint8Array())).toBe('');
  });
});
