/** An identifier is that of one logical network. */
import type { Finding, Rule } from '../../rule.ts';
import { overlayExample, UNICAST } from './examples.ts';

const example = (segment: number): string =>
  overlayExample({ vxlan: UNICAST.replace('zone: zone1 } }', `zone: zone1 }, blue: { segment: ${segment}, zone: zone1 } }`) });

export const duplicateSegment: Rule = {
  id: 'SW-1100',
  name: 'duplicate-segment',
  severity: 'error',
  title: 'Two logical networks have one identifier',
  meaning: 'The identifier is all that keeps networks apart within a tunnel: two with the same are one network.',
  remedy: 'Give each network its own `segment`.',
  ignored: 'Guests of one network hear those of the other, and addresses that both use collide.',
  source: ['RFC 7348 §4'],
  examples: { fail: example(5001), pass: example(5002) },
  check({ vxlan }) {
    const seen = new Map<number, { readonly name: string; readonly at: readonly (string | number)[] }>();
    return (vxlan?.networks ?? []).flatMap(({ at, name, segment }): Finding[] => {
      const first = seen.get(segment);
      if (first === undefined) {
        seen.set(segment, { name, at });
        return [];
      }
      return [
        {
          at: [...at, 'segment'],
          message: `${segment} is the identifier of \`${first.name}\` already.`,
          remedy: 'Write another.',
          related: [{ at: [...first.at, 'segment'], message: `\`${first.name}\`` }],
        },
      ];
    });
  },
};
