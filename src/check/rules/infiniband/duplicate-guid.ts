/** A GUID is that of one port, and on Windows so is the MAC address made of it. */
import type { Fabric } from '../../../fabric/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import type { Finding, Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { slotPortByNic } from '../../slots.ts';
import { ADDRESS, subnetExample } from './examples.ts';
import { macOfGuid } from './guid-mac.ts';
import { type Station, stationsOf, subnetByNic } from './subnets.ts';

const example = (second: string): string =>
  subnetExample(`guid: "0002:c903:0000:1039", ${ADDRESS}`, `guid: "${second}", ipoib: { addresses: [192.0.2.12/24] }`);

export const duplicateGuid: Rule = {
  id: 'SW-1215',
  name: 'duplicate-guid',
  severity: 'error',
  title: 'Two InfiniBand ports have one GUID, or MAC addresses made of their GUIDs are the same',
  meaning:
    'The subnet manager knows ports by their GUIDs. Windows makes a MAC address of six of the eight bytes: GUIDs that differ in the others only give one address. Which bit of a mask is which byte no guide says; here the highest is the first.',
  remedy: 'Burn another GUID into one of the adapters, or choose a mask that keeps the bytes in which they differ.',
  ignored: 'OpenSM exits when it finds a GUID twice, or two Windows hosts take each other’s packets.',
  source: [WINOF_README, 'opensm(8), stay_on_fatal'],
  examples: { fail: example('0002:c903:0000:1039'), pass: example('0002:c903:0000:103d') },
  check: (fabric) => [...guidFindings(fabric), ...nodeFindings(fabric), ...macFindings(fabric)],
};

function repeated<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | undefined,
  tell: (item: Item, first: Item) => Finding | undefined,
): Finding[] {
  const seen = new Map<string, Item>();
  return items.flatMap((item) => {
    const key = keyOf(item);
    const first = key === undefined ? undefined : seen.get(key);
    if (key !== undefined && first === undefined) seen.set(key, item);
    return first === undefined ? [] : (tell(item, first) ?? []);
  });
}

const spaced = (guid: string): string => guid.replace(/(..)(?=.)/g, '$1:');

const guidFindings = (fabric: Fabric): Finding[] =>
  repeated(
    stationsOf(fabric),
    ({ infiniband }) => infiniband.guid,
    (one, first) => ({
      at: [...one.infiniband.at, 'guid'],
      message: `\`${one.place}\` has the GUID ${spaced(one.infiniband.guid!)}, which \`${first.place}\` has already.`,
      remedy: 'Write the GUID of this port; adapters count theirs in fours.',
      related: [{ at: [...first.infiniband.at, 'guid'], message: `\`${first.place}\`` }],
    }),
  );

/** Ports of one adapter have the GUID of the adapter in common. Where no adapter is declared only ports of two machines are surely two. */
const nodeFindings = (fabric: Fabric): Finding[] =>
  repeated(
    stationsOf(fabric),
    ({ infiniband }) => infiniband.nodeGuid,
    (one, first) => {
      const [slot, other] = [one, first].map(({ nic }) => slotPortByNic(fabric).get(nic)?.slot);
      const isSame = one.node === first.node && (slot === undefined || other === undefined || slot === other);
      return isSame
        ? undefined
        : {
            at: [...one.infiniband.at, 'nodeGuid'],
            message: `The adapter of \`${one.place}\` has the GUID ${spaced(one.infiniband.nodeGuid!)}, which that of \`${first.place}\` has already.`,
            remedy: 'Write the GUID of this adapter; they count theirs in fours.',
            related: [{ at: [...first.infiniband.at, 'nodeGuid'], message: `\`${first.place}\`` }],
          };
    },
  );

const placeOfMac = ({ infiniband }: Station): Path =>
  infiniband.ipoib!.guidMask === undefined ? [...infiniband.at, 'guid'] : [...infiniband.ipoib!.at, 'guidMask'];

const macOf = ({ infiniband: { guid, ipoib } }: Station): string | undefined =>
  guid === undefined ? undefined : macOfGuid(guid, ipoib!.guidMask);

/** Of Windows hosts that hear one another, or of one. */
function macFindings(fabric: Fabric): Finding[] {
  const numbers = new Map<unknown, number>();
  const numberOf = (one: Station): number => {
    const whole = subnetByNic(fabric).get(one.nic) ?? one.node;
    if (!numbers.has(whole)) numbers.set(whole, numbers.size);
    return numbers.get(whole)!;
  };
  const windows = stationsOf(fabric).filter(({ machine, infiniband }) => machine.os === 'windows' && infiniband.ipoib !== undefined);
  return repeated(
    windows,
    (one) => {
      const mac = macOf(one);
      return mac === undefined ? undefined : `${numberOf(one)} ${mac}`;
    },
    (one, first) =>
      one.infiniband.guid === first.infiniband.guid
        ? undefined
        : {
            at: placeOfMac(one),
            message: `\`${one.place}\` and \`${first.place}\` have different GUIDs, and the MAC address ${spaced(macOf(one)!)} is made of both.`,
            remedy: 'Write a `guidMask` that keeps the bytes in which the GUIDs differ.',
            related: [{ at: placeOfMac(first), message: `\`${first.place}\`` }],
            restsOn: [one.infiniband.ipoib!.at, first.infiniband.ipoib!.at],
          },
  );
}
