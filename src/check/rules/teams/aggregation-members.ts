/** Ports of an aggregation are alike, and each is in one. */
import { formatRate } from '../../../fabric/network/rate.ts';
import type { Aggregation, Switch, SwitchPort } from '../../../fabric/network/model.ts';
import { fabricExample } from '../../example.ts';
import { portMtu } from '../../bridge-ports.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';

const example = (second: string): string =>
  fabricExample(
    `switches:\n  tor1:\n    ports:\n      1: { speed: 25G }\n      2: { speed: ${second} }\n    aggregations:\n      Trk1: { ports: [1, 2], mode: static, tagged: [10] }`,
  );

export const aggregationMembers: Rule = {
  id: 'SW-1089',
  name: 'aggregation-members',
  severity: 'error',
  title: 'The ports of an aggregation are not alike',
  meaning:
    'A frame may leave by any of the ports, and has to fare the same at each: one speed, one MTU, one set of priorities without loss. Each port is in one aggregation.',
  remedy: 'Write the same `speed`, `mtu`, `flowControl` and `dcb` for all of them, or write them at the aggregation.',
  ignored: 'The switch suspends the port that differs, or some connections are slow or lose frames and others do not.',
  source: ['IEEE 802.1AX §6.3', LOWE_BLOG],
  examples: { fail: example('10G'), pass: example('25G') },
  check: (fabric) => fabric.switches.flatMap(ofSwitch),
};

function ofSwitch(one: Switch): Finding[] {
  if (one.aggregations.length === 0) return [];
  const ports = new Map(one.ports.map((port) => [port.name, port]));
  const homes = new Map<string, Aggregation>();
  return one.aggregations.flatMap((aggregation): Finding[] => {
    const members: SwitchPort[] = [];
    const findings: Finding[] = [];
    for (const { at, text } of aggregation.ports) {
      const home = homes.get(text);
      const port = ports.get(text);
      if (home !== undefined)
        findings.push({
          at,
          message: `Port \`${text}\` is in ${home === aggregation ? 'this aggregation' : `\`${home.name}\``} already.`,
          remedy: 'List it once.',
          related: [{ at: home.at, message: `\`${home.name}\`` }],
        });
      else if (port !== undefined) members.push(port);
      homes.set(text, home ?? aggregation);
    }
    const [first, ...others] = members;
    if (first === undefined) return findings;
    return [
      ...findings,
      ...others.flatMap((other): Finding[] => {
        const what = difference(one, first, other);
        if (what === undefined) return [];
        return [
          {
            at: other.at,
            ...(other.declared ? { missingFrom: other.at } : {}),
            message: `\`${one.name}:${other.name}\` ${what[1]} and \`${one.name}:${first.name}\` ${what[0]}, and both are ports of \`${aggregation.name}\`.`,
            remedy: 'Write the same at both.',
            related: [
              { at: first.at, message: `\`${first.name}\`` },
              { at: aggregation.at, message: `\`${aggregation.name}\`` },
            ],
            restsOn: [[...one.at, 'ports'], aggregation.at],
          },
        ];
      }),
    ];
  });
}

function difference(one: Switch, a: SwitchPort, b: SwitchPort): readonly [string, string] | undefined {
  if (a.rateBitsPerSecond !== b.rateBitsPerSecond)
    return [`runs at ${formatRate(a.rateBitsPerSecond)}`, `runs at ${formatRate(b.rateBitsPerSecond)}`];
  const [mtu, otherMtu] = [a, b].map((port) => portMtu({ kind: 'switch', node: one.name, one, port }).mtuBytes);
  if (mtu !== otherMtu) return [`carries ${mtu} bytes`, `carries ${otherMtu} bytes`];
  if (a.dcb.pfc !== undefined && b.dcb.pfc !== undefined && a.dcb.pfc.value.join(' ') !== b.dcb.pfc.value.join(' '))
    return [`has PFC on ${listed(a.dcb.pfc.value)}`, `has PFC on ${listed(b.dcb.pfc.value)}`];
  if (a.flowControl !== undefined && b.flowControl !== undefined && a.flowControl.value !== b.flowControl.value)
    return [`has flow control \`${a.flowControl.value}\``, `has flow control \`${b.flowControl.value}\``];
  return undefined;
}

const listed = (priorities: readonly number[]): string => (priorities.length === 0 ? 'no priority' : priorities.join(', '));
