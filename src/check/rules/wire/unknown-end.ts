/** Both ends of a link have to exist. */
import type { LinkEnd, Machine } from '../../../fabric/network/model.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { suggest } from '../../../fabric/suggest.ts';
import { fabricExample } from '../../example.ts';
import { machinesByName, nodesOf, switchesByName } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const link = (end: string): string =>
  fabricExample(`hosts:\n  esx1:\n    nics:\n      nic0: {}\nswitches:\n  tor1: { portCount: 8 }\nlinks:\n  - [${end}, tor1:1]`);

export const unknownEnd: Rule = {
  id: 'SW-1039',
  name: 'unknown-end',
  severity: 'error',
  title: 'A link ends at a node or a port that is not there',
  meaning: 'There is nothing to plug the cable into.',
  remedy: 'Write a host, an array or a switch, and one of its ports: a name in `nics`, a number up to `portCount`, or a name in `ports`.',
  ignored: 'A machine that seems to have two uplinks has one.',
  source: [OWN],
  examples: { fail: link('esx1:nic1'), pass: link('esx1:nic0') },
  check: (fabric) => fabric.links.flatMap(({ ends }) => ends.flatMap((end) => missing(fabric, end) ?? [])),
};

function missing(fabric: Fabric, end: LinkEnd): Finding | undefined {
  const machine = machinesByName(fabric).get(end.node);
  if (machine !== undefined) return missingNic(end, machine.machine);
  const found = switchesByName(fabric).get(end.node);
  if (found !== undefined) return missingSwitchPort(end, found);
  const names = nodesOf(fabric).map(({ name }) => name);
  const meant = suggest(end.node, names);
  return {
    at: end.at,
    message: `There is no host, array or switch \`${end.node}\`.`,
    remedy: meant === undefined ? 'Declare it, or write the name of one that is declared.' : `Did you mean \`${meant}:${end.port}\`?`,
    restsOn: ['hosts', 'arrays', 'switches'].map((section) => [section, end.node]),
  };
}

function missingNic(end: LinkEnd, { at, nics }: Machine): Finding | undefined {
  const names = nics.map(({ name }) => name);
  if (names.includes(end.port)) return undefined;
  const meant = suggest(end.port, names);
  const known =
    names.length === 0 ? `Give \`${end.node}\` ports in \`nics\`.` : `Its ports are ${names.map((name) => `\`${name}\``).join(', ')}.`;
  return {
    at: end.at,
    message: `\`${end.node}\` has no port \`${end.port}\`.`,
    remedy: meant === undefined ? known : `Did you mean \`${end.node}:${meant}\`?`,
    related: [{ at, message: `\`${end.node}\`` }],
    restsOn: [[...at, 'nics', end.port]],
  };
}

function missingSwitchPort(end: LinkEnd, { at, name, ports, portCount }: Fabric['switches'][number]): Finding | undefined {
  // A port that only an aggregation lists is there, too.
  const listed = ports.filter(({ declared, aggregation }) => declared || aggregation !== undefined);
  if (listed.some((port) => port.name === end.port)) return undefined;
  const isNumber = /^[1-9]\d{0,4}$/.test(end.port);
  if (isNumber && Number(end.port) <= portCount) return undefined;
  const meant = suggest(
    end.port,
    listed.map((port) => port.name),
  );
  const count = isNumber && Number(end.port) <= 1024 ? `, or give it \`portCount: ${end.port}\`` : '';
  const known = `Write a number from 1 to ${portCount}${count}${isNumber ? '' : `, or declare \`${end.port}\` in \`ports\``}.`;
  return {
    at: end.at,
    message: `\`${name}\` has no port \`${end.port}\`.`,
    remedy: meant === undefined || isNumber ? known : `Did you mean \`${name}:${meant}\`?`,
    related: [{ at, message: 'the switch' }],
    restsOn: [
      [...at, 'ports'],
      [...at, 'aggregations'],
      [...at, 'portCount'],
    ],
  };
}
