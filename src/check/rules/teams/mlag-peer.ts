/** Two switches that share aggregations name one another, and both have their half. */
import type { Switch } from '../../../fabric/network/model.ts';
import { fabricExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (second: string): string =>
  fabricExample(`hosts:
  host1:
    nics: { p1: {}, p2: {} }
    teams: { bond0: { nics: [p1, p2], mode: lacp, addresses: [192.0.2.11/24] } }
switches:
  tor1: { peer: tor2, aggregations: { Po1: { ports: [1], peerGroup: 1 } } }
  tor2: { ${second}aggregations: { Po1: { ports: [1], peerGroup: 1 } } }
links:
  - [host1:p1, tor1:1]
  - [host1:p2, tor2:1]
  - [tor1:48, tor2:48]`);

export const mlagPeer: Rule = {
  id: 'SW-1091',
  name: 'mlag-peer',
  severity: 'error',
  title: 'Two switches do not agree that they share an aggregation',
  meaning:
    'An aggregation over two switches (MLAG, vPC) is two halves of one number, at switches that name one another as peers. With one half, or one name, each switch works for itself.',
  remedy: 'Write `peer` at both switches, and the same `peerGroup` and `mode` at both halves. On NX-OS: `vpc 1` at both port channels.',
  ignored: 'The host talks LACP to two switches that look like two: one of its links is left out.',
  source: ['IEEE 802.1AX §6.1', 'IEEE 802.1AX-2014 clause 9 (DRNI)'],
  examples: { fail: example(''), pass: example('peer: tor1, ') },
  check(fabric) {
    const byName = new Map(fabric.switches.map((one) => [one.name, one]));
    return fabric.switches.flatMap((one) => ofSwitch(one, byName));
  },
};

function ofSwitch(one: Switch, byName: ReadonlyMap<string, Switch>): Finding[] {
  const { name, peer, aggregations } = one;
  const other = peer === undefined ? undefined : byName.get(peer.text);
  const findings: Finding[] = [];
  if (peer !== undefined && (other === undefined || other === one))
    findings.push({
      at: peer.at,
      message: other === undefined ? `There is no switch \`${peer.text}\`.` : `\`${name}\` is its own peer.`,
      remedy: 'Write the name of the other switch.',
      restsOn: [['switches', peer.text]],
    });
  else if (peer !== undefined && other!.peer?.text !== name)
    findings.push({
      at: peer.at,
      message: `\`${name}\` has \`${peer.text}\` as its peer, and \`${peer.text}\` has ${other!.peer === undefined ? 'none' : `\`${other!.peer.text}\``}.`,
      remedy: `Write \`peer: ${name}\` for \`${peer.text}\`.`,
      related: [{ at: other!.at, message: `\`${peer.text}\`` }],
      restsOn: [[...other!.at, 'peer']],
    });
  if (findings.length > 0) return findings;
  return aggregations.flatMap((aggregation): Finding[] => {
    const { peerGroup, at, mode } = aggregation;
    if (peerGroup === undefined) return [];
    const place = [...at, 'peerGroup'];
    if (peer === undefined) {
      // The other one names this switch: told there.
      if ([...byName.values()].some((there) => there.peer?.text === name)) return [];
      return [
        {
          at: place,
          message: `\`${aggregation.name}\` is shared with a peer, and \`${name}\` has none.`,
          remedy: `Write \`peer\` for \`${name}\`.`,
          restsOn: [[...one.at, 'peer']],
        },
      ];
    }
    const half = other!.aggregations.find((there) => there.peerGroup === peerGroup);
    if (half === undefined)
      return [
        {
          at: place,
          message: `\`${name}:${aggregation.name}\` is shared as ${peerGroup}, and \`${peer.text}\` has no aggregation of that number.`,
          remedy: `Write \`peerGroup: ${peerGroup}\` at the aggregation of \`${peer.text}\`.`,
          related: [{ at: other!.at, message: 'its peer' }],
          restsOn: [[...other!.at, 'aggregations']],
        },
      ];
    if (half.mode === mode || name > peer.text) return [];
    return [
      {
        at: [...at, 'mode'],
        message: `\`${name}:${aggregation.name}\` is \`${mode}\`, and the other half, \`${peer.text}:${half.name}\`, \`${half.mode}\`.`,
        remedy: 'Write the same `mode` at both halves.',
        related: [{ at: half.at, message: 'the other half' }],
        restsOn: [half.at],
      },
    ];
  });
}
