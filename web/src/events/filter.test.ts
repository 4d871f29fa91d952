import { describe, expect, it } from 'vitest';
import type { LoggedEvent } from '../../../src/server/page.ts';
import { concerns, eventMatcher, NO_FILTER } from './filter.ts';

const event = (more: Partial<LoggedEvent>): LoggedEvent => ({
  sequence: 1,
  time: '2026-01-01T00:00:00.000Z',
  id: 2001,
  name: 'session-opened',
  severity: 'info',
  source: 'array1/iqn.2026-01.net.samewire:rack',
  message: 'Somebody logged in',
  data: {},
  ...more,
});

describe('the filter of events', () => {
  it('takes those that are severe enough', () => {
    const wants = eventMatcher({ ...NO_FILTER, severity: 'warning' });
    expect((['debug', 'info', 'warning', 'error'] as const).map((severity) => wants(event({ severity })))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('looks into sources and messages, in any case', () => {
    expect(eventMatcher({ ...NO_FILTER, source: 'ARRAY1' })(event({}))).toBe(true);
    expect(eventMatcher({ ...NO_FILTER, text: ' logged ' })(event({}))).toBe(true);
    expect(eventMatcher({ ...NO_FILTER, text: 'out' })(event({}))).toBe(false);
  });

  it('takes kinds by number, by how the number begins, and by name', () => {
    for (const kind of ['2001', '20', '1300, 2001', 'session'])
      expect([kind, eventMatcher({ ...NO_FILTER, kind })(event({}))]).toEqual([kind, true]);
    for (const kind of ['2002', '001', 'link-down']) expect([kind, eventMatcher({ ...NO_FILTER, kind })(event({}))]).toEqual([kind, false]);
  });

  it('knows which node an event is about', () => {
    for (const source of ['tor1', 'tor1:9', 'tor1/x', 'esx1:nic0 - tor1:1'])
      expect([source, concerns(event({ source }), 'tor1')]).toEqual([source, true]);
    for (const source of ['tor11', 'mytor1', 'esx1/tor1x', ''])
      expect([source, concerns(event({ source }), 'tor1')]).toEqual([source, false]);
  });
});
