import { describe, expect, it } from 'vitest';
import { splitLines } from './lines.ts';
import { withoutTerminal } from './terminal-text.ts';

describe('logs of terminals', () => {
  it('are read without colours', () => {
    expect(withoutTerminal('\u001b[32mo- \u001b[0m\u001b[1miscsi\u001b[0m [2]\u001b[K')).toBe('o- iscsi [2]');
    expect(withoutTerminal('\u001b[?2004hconfigure\u001b[?2004l\r\n')).toBe('configure\r\n');
  });

  it('are read as one saw them behind a pager', () => {
    // Cisco IOS wipes ` --More-- ` with backspaces, others with a carriage return.
    const wiped = ` --More-- ${'\b'.repeat(10)}${' '.repeat(10)}${'\b'.repeat(10)}`;
    expect(withoutTerminal(`vlan 10\r\n${wiped} name storage\r\n`)).toBe('vlan 10\r\n name storage\r\n');
    expect(withoutTerminal('--More--\r        \r  mtu 9216')).toBe('  mtu 9216');
    expect(withoutTerminal('vlan 100\b\b\b20')).toBe('vlan 200');
  });

  it('stay as they are where the cursor was sent elsewhere: nobody knows what stood there', () => {
    const text = '\u001b[24;1Hvlan 10';
    expect(withoutTerminal(text)).toBe(text);
    expect(splitLines(text).errors[0]!.message).toContain('paging');
  });

  it('are left alone where there is nothing of a terminal in them', () => {
    const text = 'a\r\nb\r\n\tc';
    expect(withoutTerminal(text)).toBe(text);
    expect(withoutTerminal('end\r')).toBe('end\r');
  });
});
