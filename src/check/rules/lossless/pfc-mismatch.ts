/** Both ends of a link keep the same priorities from loss. */
import { exchangeOf, losslessLinks, prioritiesText, samePriorities, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { PFC, pfcCommand } from './words.ts';

const example = (priority: number): string =>
  linkExample({ host: 'os: linux', nic: 'dcb: { pfc: [3] }', port: `vlan: 10, dcb: { pfc: [${priority}] }` });

export const pfcMismatch: Rule = {
  id: 'SW-1110',
  name: 'pfc-mismatch',
  severity: 'error',
  title: 'The two ends of a link have PFC on for different priorities',
  meaning: 'A pause for a priority that the other end does not keep from loss is ignored there: the buffer runs over all the same.',
  remedy: 'Write the same priorities under `pfc` at both ends, or let one end take them over by DCBX.',
  ignored: 'Everything works until the network is busy; then RDMA stalls in timeouts, and the pause counters of one end only go up.',
  source: [PFC, DEMARTEK_GUIDE],
  examples: { fail: example(4), pass: example(3) },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link): Finding[] => {
      const [one, other] = link.ends;
      const [here, there] = [one.dcb.pfc, other.dcb.pfc];
      if (here === undefined || there === undefined || exchangeOf(link) !== 'fixed') return [];
      if (here.value.length === 0 || there.value.length === 0 || samePriorities(here.value, there.value)) return [];
      return [
        {
          at: here.at,
          message: `\`${one.place}\` keeps ${prioritiesText(here.value)} from loss, and \`${other.place}\` keeps ${prioritiesText(there.value)}.`,
          remedy: `Write \`pfc: [${there.value.join(', ')}]\` here, or \`pfc: [${here.value.join(', ')}]\` at \`${whose(other, there)}\`.${pfcCommand(one, there.value)}`,
          related: [{ at: there.at, message: `\`${other.place}\`` }],
          cause: there.at,
          restsOn: [there.at],
        },
      ];
    }),
};
