/** Of two ends of a link one decides. */
import { exchangeOf, losslessLinks, samePriorities, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { DCBX } from './words.ts';

const example = (willing: boolean): string =>
  linkExample({
    nic: 'dcb: { dcbx: ieee, willing: true }',
    port: `vlan: 10, dcb: { dcbx: ieee, willing: ${willing}, pfc: [3] }`,
  });

export const dcbxBothWilling: Rule = {
  id: 'SW-1124',
  name: 'dcbx-both-willing',
  severity: 'error',
  title: 'Both ends of a link are willing to take over what the other says',
  meaning:
    'Nobody decides. For PFC the standard lets the end with the lower MAC address win, so it depends on which adapter was built first; older versions may leave PFC off.',
  remedy: 'Write `willing: false` at one end, usually the switch, and its settings there.',
  ignored: 'PFC never comes up on some ports of a rack of equal machines; replacing an adapter changes which.',
  source: [`${DCBX}, symmetric state machine`],
  examples: { fail: example(true), pass: example(false) },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link): Finding[] => {
      if (exchangeOf(link) !== 'both-willing') return [];
      const [one, other] = link.ends;
      const [here, there] = [one.dcb.pfc, other.dcb.pfc];
      // With the same settings it makes no difference who wins.
      if (here !== undefined && there !== undefined && samePriorities(here.value, there.value)) return [];
      const authority = other.port.kind === 'switch' ? other : one;
      const decided = authority.dcb.willing!;
      const asked = (authority === one ? other : one).dcb.willing!;
      return [
        {
          at: asked.at,
          message: `\`${one.place}\` and \`${other.place}\` are both willing to take over the settings of the other.`,
          remedy: `Write \`willing: false\` at \`${whose(authority, decided)}\`, so that its settings count.`,
          related: [{ at: decided.at, message: `\`${authority.place}\`` }],
          cause: decided.at,
          restsOn: [decided.at],
        },
      ];
    }),
};
