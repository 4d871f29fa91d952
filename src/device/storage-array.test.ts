import { describe, expect, it } from 'vitest';
import { SECOND } from '../base/clock.ts';
import { ignoreEvents } from '../base/event.ts';
import { seededRng } from '../base/rng.ts';
import { MemoryStore } from '../storage/block/memory.ts';
import { StepClock } from '../storage/block/testing/step-clock.ts';
import { defaultLimits } from '../storage/iscsi/limits.ts';
import { linkOf, run } from '../storage/scsi/testing/test-command.ts';
import { type StorageArray, storageArray } from './storage-array.ts';

const config = {
  identity: { vendor: 'EXAMPLE', product: 'DISK', revision: '0001', serial: 'DISK', naa: new Uint8Array(16).fill(0x60) },
  blockBytes: 512,
  physicalBlockExponent: 0,
  thin: true,
  readOnly: false,
  removable: false,
} as const;

const unitParts = (lun: number) => ({ lun, config, store: new MemoryStore({ sizeBytes: 65536, thin: true }), options: {} });

function makeArray(clock = new StepClock()): StorageArray {
  const target = { alias: undefined, grant: () => ({ chap: undefined }), movedTo: undefined };
  return storageArray({
    name: 'array1',
    clock,
    rng: seededRng(1),
    events: ignoreEvents,
    limits: defaultLimits,
    discoveryChap: undefined,
    portals: [1, 2].map((groupTag) => ({ groupTag, announce: undefined })),
    groups: [{ group: 2, access: 'standby', preferred: true }],
    targets: [
      { ...target, name: 'iqn.2026-01.net.example:both', portalGroups: [1, 2], units: [unitParts(0), unitParts(1)] },
      { ...target, name: 'iqn.2026-01.net.example:one', portalGroups: [1], units: [unitParts(0)] },
    ],
  });
}

const statesOf = ({ units }: StorageArray, group: number): unknown => units.map(({ unit }) => unit.accessStates.of(group));
const READ = [0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0];

describe('the access of a port group', () => {
  it('begins as it was declared, which is no change that anybody made', () => {
    const [first] = makeArray().units;
    expect([first!.unit.accessStates.of(1), first!.unit.accessStates.of(2)]).toEqual(['active-optimized', 'standby']);
    expect([first!.unit.accessStates.prefers(1), first!.unit.accessStates.prefers(2)]).toEqual([false, true]);
    expect(first!.unit.accessStates.changeOf(2)).toBe('none');
  });

  it('changes for every unit behind the group, or for one target or LUN, and tells every nexus', () => {
    const array = makeArray();
    const [first] = array.units;
    const links = ['a', 'b'].map((initiator) => linkOf(first!.unit, initiator));
    expect(array.setAccess(1, { access: 'active-nonoptimized', lun: 0 })).toBe(2);
    expect(statesOf(array, 1)).toEqual(['active-nonoptimized', 'active-optimized', 'active-nonoptimized']);
    expect(array.setAccess(1, { access: 'unavailable', target: 'iqn.2026-01.net.example:one' })).toBe(1);
    expect(statesOf(array, 1)).toEqual(['active-nonoptimized', 'active-optimized', 'unavailable']);
    for (const link of links) expect(run(first!.unit, READ, { link }).outcome).toContain('asymmetric access state changed (2ah/06h)');
    // Group 2 is not a way to the second target, and group 3 to nothing.
    expect(array.setAccess(2, { access: 'active-optimized' })).toBe(2);
    expect(array.setAccess(3, { access: 'standby' })).toBe(0);
  });

  it('tells of a preference that changed, and of nothing that did not', () => {
    const array = makeArray();
    const [first] = array.units;
    const link = linkOf(first!.unit);
    array.setAccess(1, { access: 'active-optimized', preferred: false });
    expect(link.hasAttention).toBe(false);
    array.setAccess(1, { access: 'active-optimized', preferred: true });
    expect(run(first!.unit, READ, { link }).outcome).toContain('asymmetric access state changed');
    expect(first!.unit.accessStates.prefers(1)).toBe(true);
  });

  it('passes through a transition that takes as long as is said', () => {
    const clock = new StepClock();
    const array = makeArray(clock);
    const { unit } = array.units[0]!;
    array.setAccess(1, { access: 'standby', lun: 0, target: 'iqn.2026-01.net.example:both', transitionNanos: 2.5 * SECOND });
    expect([unit.accessStates.of(1), unit.accessStates.transitionSeconds]).toEqual(['transitioning', 3]);
    const link = linkOf(unit);
    expect(run(unit, READ, { link }).outcome).toContain('asymmetric access state transition (04h/0ah)');
    clock.run();
    expect([unit.accessStates.of(1), clock.now()]).toEqual(['standby', 2.5 * SECOND]);
    expect(run(unit, READ, { link }).outcome).toContain('asymmetric access state changed');
    expect(run(unit, READ, { link }).outcome).toContain('standby');
  });

  it('stays what somebody else made it during a transition', () => {
    const clock = new StepClock();
    const array = makeArray(clock);
    array.setAccess(1, { access: 'standby', transitionNanos: SECOND });
    array.setAccess(1, { access: 'active-nonoptimized' });
    clock.run();
    expect(statesOf(array, 1)).toEqual(['active-nonoptimized', 'active-nonoptimized', 'active-nonoptimized']);
  });
});
