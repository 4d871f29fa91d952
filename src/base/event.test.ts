import { expect, it } from 'vitest';
import { declaredEvents, eventKind, type FabricEvent } from './event.ts';

it('events are raised with their number, name, severity and sentence, which nobody else may have', () => {
  const raised: FabricEvent[] = [];
  const story = { means: 'Something is lost.', example: { what: 'a screw' } };
  const lost = eventKind<{ readonly what: string }>(1, 'test-lost', 'warning', (data) => `${data.what} is lost`, story);
  lost((event) => raised.push(event), 'esx1', { what: 'a cable' });
  expect(raised).toEqual([
    { id: 1, name: 'test-lost', severity: 'warning', source: 'esx1', message: 'a cable is lost', data: { what: 'a cable' } },
  ]);
  expect(declaredEvents.get(1)).toEqual({ id: 1, name: 'test-lost', severity: 'warning', story, message: 'a screw is lost' });
  expect(() => eventKind(1, 'test-found', 'info', () => '', story)).toThrow('event 1 test-found and 1 test-lost');
  expect(() => eventKind(2, 'test-lost', 'info', () => '', story)).toThrow('event 2 test-lost and 1 test-lost');
});
