/** A virtual function is given to one guest. */
import type { Finding, Rule } from '../../rule.ts';
import { functionsExample } from './examples.ts';
import { type GivenFunction, givenFunctionsOf, guestPlace } from '../../slots.ts';

const example = (second: number): string =>
  functionsExample(`vms:
  vm1: { memoryReserved: true, nics: { eth0: { kind: pass-through, function: vmnic0/0 } } }
  vm2: { memoryReserved: true, nics: { eth0: { kind: pass-through, function: vmnic0/${second} } } }`);

export const sharedFunction: Rule = {
  id: 'SW-1172',
  name: 'shared-function',
  severity: 'error',
  title: 'One virtual function is given to two guests',
  meaning: 'A function is one PCI device, and its memory is mapped into one guest.',
  remedy: 'Give each guest a function of its own, and write a higher number in `functions` where they do not suffice.',
  ignored: 'Whichever guest starts first has the device; the other one does not start.',
  source: ['PCI Express SR-IOV 1.1 §2.1.2', 'VMware vSphere Networking, SR-IOV'],
  examples: { fail: example(0), pass: example(1) },
  check(fabric) {
    const findings: Finding[] = [];
    const first = new Map<string, GivenFunction>();
    for (const one of givenFunctionsOf(fabric)) {
      const key = `${one.node}:${one.given.nic}/${one.given.number}`;
      const before = first.get(key);
      if (before === undefined) {
        first.set(key, one);
        continue;
      }
      findings.push({
        at: one.given.at,
        message: `\`${guestPlace(one)}\` is given function ${one.given.number} of \`${one.node}:${one.given.nic}\`, and \`${guestPlace(before)}\` has it already.`,
        remedy: 'Write the number of another function.',
        related: [{ at: before.given.at, message: `\`${guestPlace(before)}\`` }],
      });
    }
    return findings;
  },
};
