import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FabricEvent, Severity } from '../base/event.ts';
import { EventLog, type EventQuery, type LoggedEvent, SEVERITIES } from './event-log.ts';

const event = (id: number, severity: Severity = 'info', source = 'esx1', message = `message ${id}`): FabricEvent => ({
  id,
  name: `kind-${id}`,
  severity,
  source,
  message,
  data: { id },
});

/** A second passes with each event. */
function logOf(max?: number, severeMax?: number): EventLog {
  let seconds = 0;
  return new EventLog(() => new Date((seconds += 1) * 1000), max, severeMax);
}

const sequences = (log: EventLog, query?: EventQuery): number[] => log.find(query).map(({ sequence }) => sequence);

describe('the log of events', () => {
  it('numbers them from 1, with the time at which they came', () => {
    const log = logOf();
    expect([log.first, log.last, log.find()]).toEqual([1, 0, []]);
    log.sink(event(1311, 'warning'));
    log.sink(event(1310));
    expect(log.find()).toEqual([
      { sequence: 1, time: '1970-01-01T00:00:01.000Z', ...event(1311, 'warning') },
      { sequence: 2, time: '1970-01-01T00:00:02.000Z', ...event(1310) },
    ]);
    expect([log.first, log.last]).toEqual([1, 2]);
  });

  it('tells what is asked for', () => {
    const log = logOf();
    log.sink(event(1, 'debug', 'esx1/vmhba64'));
    log.sink(event(2, 'info', 'ESX1'));
    log.sink(event(3, 'warning', 'tor1', 'the link esx1:nic0 is down'));
    log.sink(event(4, 'error', 'array1'));
    expect(sequences(log)).toEqual([2, 3, 4]);
    expect(sequences(log, { severity: 'debug' })).toEqual([1, 2, 3, 4]);
    expect(sequences(log, { severity: 'warning' })).toEqual([3, 4]);
    expect([sequences(log, { kinds: ['1'] }), sequences(log, { kinds: ['1'], severity: 'info' })]).toEqual([[1], []]);
    expect(sequences(log, { severity: 'debug', source: 'Esx1' })).toEqual([1, 2]);
    expect(sequences(log, { text: 'LINK' })).toEqual([3]);
    expect(sequences(log, { kinds: ['3', 'kind-4', '99'] })).toEqual([3, 4]);
    expect(sequences(log, { kinds: [] })).toEqual([]);
    expect(sequences(log, { after: 2 })).toEqual([3, 4]);
    expect(sequences(log, { limit: 2 })).toEqual([3, 4]);
    expect(sequences(log, { after: 4 })).toEqual([]);
    expect(sequences(log, { limit: 0 })).toEqual([]);
  });

  it('forgets the oldest, and of a flood keeps the warnings and errors from before it', () => {
    const log = logOf(100, 3);
    for (let number = 1; number <= 5; number += 1) log.sink(event(number, 'warning'));
    for (let number = 0; number < 100_000; number += 1) log.sink(event(9, 'debug'));
    expect([log.first, log.last]).toEqual([99_906, 100_005]);
    expect(sequences(log)).toEqual([3, 4, 5]);
    expect(sequences(log, { severity: 'debug' }).length).toBe(103);
    expect(sequences(log, { after: 4 })).toEqual([5]);
    expect(sequences(log, { limit: 1 })).toEqual([5]);
    expect(log.counts.get(9)).toEqual({ name: 'kind-9', severity: 'debug', count: 100_000 });
  });

  it('tells those who listen, until they do not', () => {
    const log = logOf();
    const heard: LoggedEvent[] = [];
    const stop = log.listen((one) => heard.push(one));
    log.sink(event(1, 'debug'));
    stop();
    log.sink(event(2));
    expect(heard.map(({ sequence, id }) => [sequence, id])).toEqual([[1, 1]]);
  });
});

describe('against a plain list', () => {
  const severity = fc.constantFrom(...SEVERITIES);
  const source = fc.constantFrom('esx1', 'esx1/vmhba64', 'TOR1', 'array1');
  const message = fc.constantFrom('link down', 'Link up', 'logged in', '');
  const events = fc.array(fc.record({ id: fc.integer({ min: 1, max: 5 }), severity, source, message }), { maxLength: 60 });
  const query = fc.record(
    {
      after: fc.integer({ min: 0, max: 70 }),
      limit: fc.integer({ min: 0, max: 30 }),
      severity,
      source: fc.constantFrom('esx1', 'tor', 'nobody', ''),
      kinds: fc.array(fc.constantFrom('1', 'kind-2', '7', 'kind-1'), { maxLength: 3 }),
      text: fc.constantFrom('LINK', 'log', 'x', ''),
    },
    { requiredKeys: [] },
  );

  it('it finds the same', () => {
    fc.assert(
      fc.property(events, query, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8 }), (came, asked, max, severeMax) => {
        const log = logOf(max, severeMax);
        for (const one of came) log.sink({ ...event(one.id, one.severity, one.source, one.message) });
        const all = came.map((one, index) => ({ ...one, sequence: index + 1 }));
        const severe = all.filter((one) => one.severity === 'warning' || one.severity === 'error').slice(-severeMax);
        const kept = all.filter((one, index) => index >= all.length - max || severe.includes(one));
        const matching = kept.filter(
          (one) =>
            one.sequence > (asked.after ?? 0) &&
            SEVERITIES.indexOf(one.severity) >= SEVERITIES.indexOf(asked.severity ?? (asked.kinds === undefined ? 'info' : 'debug')) &&
            one.source.toLowerCase().includes((asked.source ?? '').toLowerCase()) &&
            one.message.toLowerCase().includes((asked.text ?? '').toLowerCase()) &&
            (asked.kinds === undefined || asked.kinds.some((kind) => kind === String(one.id) || kind === `kind-${one.id}`)),
        );
        const last = asked.limit === undefined ? matching : matching.slice(Math.max(0, matching.length - asked.limit));
        expect(sequences(log, asked)).toEqual(last.map(({ sequence }) => sequence));
        for (const [id, { count }] of log.counts) expect(count).toBe(came.filter((one) => one.id === id).length);
      }),
      { numRuns: 500 },
    );
  });
});
