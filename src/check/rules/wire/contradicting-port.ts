/** One port of a switch, one meaning. */
import type { SwitchPort } from '../../../fabric/network/model.ts';
import { fabricExample } from '../../example.ts';
import { listedPortsOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (second: string): string =>
  fabricExample(`switches:\n  tor1:\n    ports:\n      1-8: { vlan: 10 }\n      ${second}: { trunk: [10, 20], native: 10 }`);

export const contradictingPort: Rule = {
  id: 'SW-1054',
  name: 'contradicting-port',
  severity: 'error',
  title: 'What is said of a port of a switch contradicts itself',
  meaning:
    'A port is listed once, and it carries one VLAN (`vlan`), a trunk (`trunk` and `native`), or what `tagged` and `untagged` list. Of two that exclude one another only one would count.',
  remedy: 'List each port under one key, with settings of one kind, and no number beyond `portCount`.',
  ignored: 'A switch takes both commands, and the one that was entered last wins.',
  source: ['IEEE 802.1Q'],
  examples: { fail: example('8'), pass: example('9') },
  check: (fabric) => [
    ...fabric.switches.flatMap(({ repeatedPorts }) =>
      repeatedPorts.map(({ at, name, other }) => ({
        at,
        missingFrom: at,
        message: `Port \`${name}\` is listed twice.`,
        remedy: 'List it once.',
        related: [{ at: other, message: 'the other time' }],
      })),
    ),
    ...listedPortsOf(fabric).flatMap(({ port }) => idleKeys({ ...port, vlans: port.ownVlans })),
    ...fabric.switches.flatMap(({ aggregations }) => aggregations.flatMap(idleKeys)),
    ...fabric.switches.flatMap(({ at: switchAt, name, portCount, ports }) => {
      const beyond = ports.filter((port) => port.declared && /^[1-9]\d*$/.test(port.name) && Number(port.name) > portCount);
      return [...new Map(beyond.map((port) => [port.at, port])).values()].map(({ at, name: port }) => ({
        at,
        missingFrom: at,
        message: `\`${name}\` has ${portCount} ports with numbers, and this is ${port}.`,
        remedy: 'Write a number that there is, or another `portCount`.',
        related: [{ at: [...switchAt, 'portCount'], message: 'the switch' }],
        restsOn: [[...switchAt, 'portCount']],
      }));
    }),
  ],
};

const MEANT = { listed: '`tagged` or `untagged`', trunk: '`trunk`' } as const;

const idleKeys = ({ at, idleKeys: keys, vlans }: Pick<SwitchPort, 'at' | 'idleKeys' | 'vlans'>): Finding[] =>
  keys.map((key) =>
    vlans.mode === 'access'
      ? {
          at: [...at, key],
          message: `\`${key}\` is for a trunk, and this port is none.`,
          remedy: 'Add `trunk` with the VLANs it carries, or write `vlan` instead.',
          restsOn: [at],
        }
      : {
          at: [...at, key],
          message: `\`${key}\` does not go with ${MEANT[vlans.mode]}.`,
          remedy: `Leave out \`${key}\`, or the other.`,
        },
  );
