import { array, assert, constant, integer, oneof, property, record } from 'fast-check';
import { expect, it } from 'vitest';
import { MacTable } from './mac-table.ts';

it('does what a map with times does', () => {
  const operation = oneof(
    {
      weight: 5,
      arbitrary: record({ kind: constant('learn' as const), mac: integer({ min: 0, max: 120 }), port: integer({ min: 0, max: 3 }) }),
    },
    { weight: 3, arbitrary: record({ kind: constant('find' as const), mac: integer({ min: 0, max: 120 }) }) },
    { weight: 2, arbitrary: record({ kind: constant('pass' as const), nanos: integer({ min: 0, max: 40 }) }) },
    { weight: 1, arbitrary: record({ kind: constant('flush' as const), port: integer({ min: 0, max: 3 }) }) },
  );
  assert(
    property(array(operation, { maxLength: 400, size: 'max' }), (operations) => {
      const table = new MacTable(50, 100);
      const model = new Map<number, { port: number; at: number }>();
      let now = 0;
      const live = (mac: number): { port: number; at: number } | undefined => {
        const known = model.get(mac);
        return known !== undefined && now - known.at <= 100 ? known : undefined;
      };
      for (const step of operations) {
        if (step.kind === 'pass') now += step.nanos;
        else if (step.kind === 'flush') {
          table.flush(step.port);
          for (const [mac, { port }] of model) if (port === step.port) model.delete(mac);
        } else if (step.kind === 'find') expect(table.find(7 << 16, step.mac, now)).toBe(live(step.mac)?.port ?? -1);
        else {
          const before = live(step.mac);
          const full = before === undefined && [...model.keys()].filter((mac) => live(mac) !== undefined).length >= 50;
          const result = table.learn(7 << 16, step.mac, step.port, now);
          expect(result).toBe(full ? 'full' : before === undefined ? 'new' : before.port === step.port ? 'known' : 'moved');
          if (!full) model.set(step.mac, { port: step.port, at: now });
        }
        expect(table.entries(now)).toHaveLength([...model.keys()].filter((mac) => live(mac) !== undefined).length);
      }
    }),
    { numRuns: 150 },
  );
});

it('tells VLANs and all 48 bits apart', () => {
  const table = new MacTable(10, 100);
  table.learn((4094 << 16) | 0xffff, -2, 1, 0);
  table.learn((4094 << 16) | 0xfffe, -2, 2, 0);
  table.learn((4093 << 16) | 0xffff, -2, 3, 0);
  expect(table.entries(0)).toEqual(
    expect.arrayContaining([
      { vlan: 4094, mac: 0xffff_ffff_fffe, port: 1, seenAt: 0 },
      { vlan: 4094, mac: 0xfffe_ffff_fffe, port: 2, seenAt: 0 },
      { vlan: 4093, mac: 0xffff_ffff_fffe, port: 3, seenAt: 0 },
    ]),
  );
});
