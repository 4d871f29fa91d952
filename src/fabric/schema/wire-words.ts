/** Words that switches, links and network adapters have in common. */
import { z } from 'zod';
import { isGroupMac, parseMac } from '../../wire/ethernet/mac.ts';
import { mistake, type Parsed } from '../parsed.ts';
import { parseRate } from '../network/rate.ts';
import { parseVlanRange } from '../network/vlan-list.ts';
import { readBy, text, whole } from './words.ts';

const rateNoun = 'a rate such as `10G` or `100M`';
export const rate = () => z.union([z.string(), z.number()], { error: rateNoun }).superRefine(readBy(parseRate));

const macNoun = 'a MAC address such as `02:00:00:00:00:01`';
export const parseStationMac = (written: string): Parsed<number> => {
  const mac = parseMac(written);
  return mac === undefined || mac === 0 || isGroupMac(mac)
    ? mistake(`\`${written.slice(0, 40)}\` is not the MAC address of a station.`, `Write ${macNoun}; the first octet is even.`)
    : { value: mac };
};
export const macAddress = () => text(macNoun, parseStationMac);

const vlanNoun = 'a VLAN from 1 to 4094';
export const vlanNumber = () => whole(vlanNoun, 1, 4094);

const vlansNoun = 'a VLAN, a range such as `20-29`, or `all`';
const vlanRange = () => z.union([z.string(), z.number()], { error: vlansNoun }).superRefine(readBy(parseVlanRange));
/** One or a list of them. */
export const vlanList = () =>
  z.union([vlanRange(), z.array(vlanRange(), { error: `a list of VLANs such as \`[10, 20-29]\`` })], {
    error: 'VLANs such as `10`, `20-29`, `[10, 20-29]` or `all`',
  });
export type VlanListDeclaration = z.output<ReturnType<typeof vlanList>>;

/** RFC 791 §3.2: 68 at least; 9216 is what switches carry at the most. */
const MTU_BYTES_MAX = 65_535;
export const mtu = () => whole('a whole number from 576 to 65535', 576, MTU_BYTES_MAX);
