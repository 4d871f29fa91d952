/** Ends that take over nothing have to say the same. */
import { exchangeOf, losslessLinks, prioritiesText, samePriorities } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { sharesText } from './ets-differs.ts';
import { linkExample } from './examples.ts';
import { DCBX, pfcCommand } from './words.ts';

const example = (pfc: number): string =>
  linkExample({
    nic: 'dcb: { dcbx: ieee, willing: false, pfc: [3] }',
    port: `vlan: 10, dcb: { dcbx: ieee, willing: false, pfc: [${pfc}] }`,
  });

export const dcbxNeitherWilling: Rule = {
  id: 'SW-1125',
  name: 'dcbx-neither-willing',
  severity: 'error',
  title: 'Neither end of a link is willing, and their settings differ',
  meaning:
    'Each end keeps its own settings. Some switches turn PFC off on a port whose neighbour says something else, so that it is on at neither end.',
  remedy: 'Write the same settings at both ends, or `willing: true` at one of them, usually the adapter.',
  ignored: 'DCBX is up and shows the settings of both ends, and nobody reads them; frames are dropped under load.',
  source: [DCBX, 'Junos OS, Disabling DCBX to Disable PFC Autonegotiation'],
  examples: { fail: example(4), pass: example(3) },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link): Finding[] => {
      if (exchangeOf(link) !== 'neither-willing') return [];
      const [one, other] = link.ends;
      const [here, there] = [one.dcb.pfc, other.dcb.pfc];
      const related = [
        { at: one.dcb.willing!.at, message: `\`${one.place}\` takes over nothing` },
        { at: other.dcb.willing!.at, message: `\`${other.place}\` takes over nothing` },
      ];
      if (here !== undefined && there !== undefined && !samePriorities(here.value, there.value))
        return [
          {
            at: here.at,
            message: `\`${one.place}\` keeps ${prioritiesText(here.value)} from loss, \`${other.place}\` keeps ${prioritiesText(there.value)}, and neither takes over what the other says.`,
            remedy: `Write the same \`pfc\` at both, or \`willing: true\` at one of them.${pfcCommand(one, there.value)}`,
            related: [{ at: there.at, message: `\`${other.place}\`` }, ...related],
            cause: there.at,
            restsOn: [there.at],
          },
        ];
      const [mine, theirs] = [one.dcb.classes, other.dcb.classes];
      if (mine === undefined || theirs === undefined || sharesText(mine.value) === sharesText(theirs.value)) return [];
      return [
        {
          at: mine.at,
          message: `\`${one.place}\` shares the link as ${sharesText(mine.value)}, \`${other.place}\` as ${sharesText(theirs.value)}, and neither takes over what the other says.`,
          remedy: 'Write the same `classes` at both, or `willing: true` at one of them.',
          related: [{ at: theirs.at, message: `\`${other.place}\`` }, ...related],
          cause: theirs.at,
          restsOn: [theirs.at],
        },
      ];
    }),
};
