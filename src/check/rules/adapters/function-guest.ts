/** A guest and the virtual function that it was given say the same of tags and addresses. */
import { formatMac } from '../../../wire/ethernet/mac.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import type { Finding, Rule } from '../../rule.ts';
import { guestExample } from './examples.ts';
import { type GivenFunction, givenFunctionsOf, guestPlace } from '../../slots.ts';

const example = (vlan: string): string => guestExample('memoryReserved: true', vlan, 'functions: 2, each: { 0: { vlan: 20 } }');

export const functionGuest: Rule = {
  id: 'SW-1178',
  name: 'function-guest',
  severity: 'error',
  title: 'A guest tags frames, or uses an address, that its virtual function does not take',
  meaning:
    'A function with a VLAN adds and takes off the tags itself, and drops what the guest has tagged. A function with a MAC address that checks for spoofing, or does not trust the guest, drops frames from any other.',
  remedy: 'Say the VLAN in one place only, at the function or in the guest, and write the same `mac` in both.',
  ignored: 'The link is up in the guest, and nothing comes back: the adapter counts spoofed or dropped frames where nobody looks.',
  source: ['Linux ip-link(8), vf', 'IEEE 802.1Q §6.9', CHELSIO_GUIDE],
  examples: { fail: example(', vlan: 20'), pass: example('') },
  check: (fabric) => givenFunctionsOf(fabric).flatMap(functionFindings),
};

function functionFindings(one: GivenFunction): Finding[] {
  const { nic, given, vmNic, node } = one;
  const settings = nic?.sriov?.each.find(({ number }) => number === given.number);
  if (settings === undefined) return [];
  const name = `\`${node}:${given.nic}/${given.number}\``;
  const findings: Finding[] = [];
  if (settings.vlan !== undefined && vmNic.vlan !== undefined)
    findings.push({
      at: [...vmNic.at, 'vlan'],
      message: `\`${guestPlace(one)}\` tags its frames with VLAN ${vmNic.vlan}, and ${name} tags them with VLAN ${settings.vlan} itself.`,
      remedy: `Leave \`vlan\` out here, or at the function. On Linux: \`ip link set ${nic!.device ?? nic!.name} vf ${given.number} vlan 0\`.`,
      related: [{ at: [...settings.at, 'vlan'], message: `the VLAN of ${name}` }],
    });
  const refuses = settings.spoofCheck === true || settings.trust === false;
  if (refuses && settings.mac !== undefined && vmNic.mac !== undefined && settings.mac !== vmNic.mac)
    findings.push({
      at: [...vmNic.at, 'mac'],
      message: `\`${guestPlace(one)}\` sends from ${formatMac(vmNic.mac)}, and ${name} takes frames from ${formatMac(settings.mac)} alone.`,
      remedy: 'Write the same address in both, or `trust: true` and `spoofCheck: false` at the function.',
      related: [{ at: [...settings.at, 'mac'], message: `the address of ${name}` }],
    });
  return findings;
}
