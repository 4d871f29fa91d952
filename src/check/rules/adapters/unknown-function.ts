/** A virtual function that is used is one that there is. */
import { memoized } from '../../../base/memoized.ts';
import { machinePortsOf, placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { guestExample } from './examples.ts';
import { type GivenFunction, givenFunctionsOf, guestPlace } from '../../slots.ts';

export const unknownFunction: Rule = {
  id: 'SW-1171',
  name: 'unknown-function',
  severity: 'error',
  title: 'A virtual function is used that there is not',
  meaning: 'The functions of a port are numbered from 0, as many as `sriov` says; a guest is given one of an adapter of its own host.',
  remedy: 'Write a higher number in `functions`, or a function that there is.',
  ignored: 'The guest does not start because its device is missing, or it starts without a network; settings of the function are lost.',
  source: [CHELSIO_GUIDE, 'PCI Express SR-IOV 1.1 §2.1.2'],
  examples: {
    fail: guestExample('memoryReserved: true', '', 'functions: 0'),
    pass: guestExample('memoryReserved: true', '', 'functions: 1'),
  },
  check: (fabric) => [...settingFindings(fabric), ...givenFunctionsOf(fabric).flatMap((one) => givenFindings(fabric, one))],
};

/** Some machine with a port of that name. */
const nodeByPort = memoized(
  (fabric: Fabric): ReadonlyMap<string, string> => new Map(machinePortsOf(fabric).map(({ node, nic }) => [nic.name, node])),
);

const numbered = (count: number): string => (count === 0 ? 'none' : count === 1 ? 'number 0 only' : `0 to ${count - 1}`);

const settingFindings = (fabric: Fabric): Finding[] =>
  machinePortsOf(fabric).flatMap((port) => {
    const { sriov } = port.nic;
    if (sriov === undefined) return [];
    return sriov.each
      .filter(({ number }) => number >= sriov.functions)
      .map(({ at, number }) => ({
        at,
        message: `There are settings for function ${number} of \`${placeOf(port)}\`, which has ${numbered(sriov.functions)}.`,
        remedy: `Write \`functions: ${number + 1}\`, or take the settings out.`,
        related: [{ at: [...sriov.at, 'functions'], message: `the functions of \`${placeOf(port)}\`` }],
      }));
  });

function givenFindings(fabric: Fabric, one: GivenFunction): Finding[] {
  const { node, machine, given, nic } = one;
  const guest = guestPlace(one);
  if (nic === undefined) {
    const other = nodeByPort(fabric).get(given.nic);
    const elsewhere = other === undefined ? '' : `; \`${other}\` has one, but a guest has devices of its own host only`;
    return [
      {
        at: given.at,
        message: `\`${guest}\` is given a function of \`${given.nic}\`, and \`${node}\` has no such port${elsewhere}.`,
        remedy: `Write a port of \`${node}\`.`,
        related: [{ at: [...machine.at, 'nics'], message: `the ports of \`${node}\`` }],
        restsOn: [[...machine.at, 'nics']],
      },
    ];
  }
  const count = nic.sriov?.functions ?? 0;
  if (given.number < count) return [];
  const at = nic.sriov === undefined ? nic.at : [...nic.sriov.at, 'functions'];
  return [
    {
      at: given.at,
      message: `\`${guest}\` is given function ${given.number} of \`${node}:${given.nic}\`, which has ${numbered(count)}.`,
      remedy: `Write \`sriov: { functions: ${given.number + 1} }\` at \`${given.nic}\`, or give it another function.`,
      related: [{ at, message: `the functions of \`${node}:${given.nic}\`` }],
      restsOn: [[...nic.at, 'sriov']],
    },
  ];
}
