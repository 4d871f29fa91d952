/** What ESXi asks of a guest with a device of its own. */
import { LOWE_BLOG } from '../../sources.ts';
import type { Finding, Rule } from '../../rule.ts';
import { guestExample } from './examples.ts';
import { type GivenFunction, givenFunctionsOf, guestPlace } from '../../slots.ts';

export const passThroughGuest: Rule = {
  id: 'SW-1177',
  name: 'pass-through-guest',
  severity: 'error',
  title: 'A guest with a device of its own is to move, or has no reserved memory',
  meaning:
    'The device reads and writes memory of the guest directly, so all of it has to be there; and the device stays where it is when the guest moves. vMotion, snapshots and fault tolerance are not available with SR-IOV on ESXi.',
  remedy: 'Write `memoryReserved: true` and leave `migrates` out, or give the guest a port group instead of the function.',
  ignored: 'The guest does not power on; or it does, and the first evacuation of the host stops at it.',
  source: ['VMware vSphere Networking, SR-IOV', LOWE_BLOG],
  examples: { fail: guestExample('memoryReserved: true\nmigrates: true'), pass: guestExample('memoryReserved: true\nmigrates: false') },
  check(fabric) {
    const told = new Set<unknown>();
    return givenFunctionsOf(fabric).flatMap((one): Finding[] => {
      // On Hyper-V a guest goes over to its other path and moves; on Linux it depends on the guest.
      if (one.machine.os !== 'esxi' || told.has(one.vm)) return [];
      told.add(one.vm);
      return guestFindings(one);
    });
  },
};

function guestFindings(one: GivenFunction): Finding[] {
  const { vm, given, machine, node } = one;
  const related = [
    { at: given.at, message: 'the function' },
    { at: [...machine.at, 'os'], message: `\`${node}\` runs ESXi` },
  ];
  const findings: Finding[] = [];
  if (vm.migrates === true)
    findings.push({
      at: [...vm.at, 'migrates'],
      message: `\`${node}:${vm.name}\` is to move while it runs, and \`${guestPlace(one)}\` is a function of an adapter of \`${node}\`.`,
      remedy: 'Write `portGroup` instead of `function`, or leave `migrates` out.',
      related,
    });
  if (vm.memoryReserved === false)
    findings.push({
      at: [...vm.at, 'memoryReserved'],
      message: `\`${node}:${vm.name}\` has no reserved memory, and \`${guestPlace(one)}\` is a device that reaches into it.`,
      remedy: 'Write `memoryReserved: true`. On ESXi: "Reserve all guest memory (All locked)", `sched.mem.pin = "TRUE"`.',
      related,
    });
  return findings;
}
