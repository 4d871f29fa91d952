/** What must not be lost has a share of its own. */
import type { TrafficClass } from '../../../fabric/lossless/model.ts';
import { classesOf, distinct, losslessPortsOf, pfcOf, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { ETS } from './words.ts';

const example = (classes: string): string =>
  linkExample({ host: `os: windows`, nic: `dcb: { pfc: [3], classes: ${classes} }`, port: 'vlan: 10, dcb: { pfc: [3] }' });

export const losslessClass: Rule = {
  id: 'SW-1121',
  name: 'lossless-class',
  severity: 'warning',
  title: 'A priority without loss has no traffic class with a share',
  meaning: 'PFC says that its frames wait instead of being dropped; only ETS says that they ever get their turn.',
  remedy: 'Add a traffic class with the priority and a `bandwidth`.',
  ignored: 'A backup over the same port pushes storage aside, and pauses spread through the network.',
  source: [ETS, DEMARTEK_GUIDE],
  examples: {
    fail: example('{}'),
    pass: example('{ 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: 50 }, 1: { name: SMB, priorities: [3], bandwidth: 50 } }'),
  },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), (port) => [classesOf(fabric, port), pfcOf(fabric, port)]).flatMap((one): Finding[] => {
      const [classes, pfc] = [classesOf(fabric, one), pfcOf(fabric, one)];
      if (classes === undefined || pfc === undefined) return [];
      return pfc.value.flatMap((priority): Finding[] => {
        const own = classes.value.find(({ priorities }) => priorities.includes(priority));
        if (own !== undefined && !isWithoutShare(own, classes.value)) return [];
        // What came by DCBX stands at the switch.
        const place = classes.at[1] === one.port.node ? one.place : whose(one, classes);
        const windows = one.port.kind === 'machine' && one.port.machine.os === 'windows';
        return [
          {
            at: own?.at ?? classes.at,
            ...(own === undefined ? {} : { missingFrom: own.at }),
            message:
              own === undefined
                ? `\`${place}\` keeps priority ${priority} from loss, and has it in no traffic class.`
                : `\`${place}\` keeps priority ${priority} from loss, and its class ${own.number} has no share.`,
            remedy: `Give it a class: \`${priority}: { priorities: [${priority}], bandwidth: 50 }\`.${windows ? ` On Windows: \`New-NetQosTrafficClass SMB -Priority ${priority} -BandwidthPercentage 50 -Algorithm ETS\`.` : ''}`,
            related: [{ at: pfc.at, message: 'PFC' }],
            restsOn: [pfc.at],
          },
        ];
      });
    }),
};

/** A class that says none, where others do. One of 0 percent is another rule's business. */
const isWithoutShare = ({ strict, bandwidth }: TrafficClass, all: readonly TrafficClass[]): boolean =>
  !strict && bandwidth === undefined && all.some((one) => one.bandwidth !== undefined && one.bandwidth > 0);
