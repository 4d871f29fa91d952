/** An iSCSI adapter in hardware is a function of a port of the host, with an address of its own. */
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { adaptersOf } from '../../walk.ts';
import { networkExample } from './examples.ts';

export const hbaPort: Rule = {
  id: 'SW-1225',
  name: 'hba-port',
  severity: 'error',
  title: 'An iSCSI adapter in hardware has no port, or no address',
  meaning:
    'An independent adapter has an IP address of its own, which no command of the operating system sets on an interface; it leaves by the port that it is part of.',
  remedy: 'Write `nic` with a port of `nics`, and `address`.',
  ignored: 'The adapter shows up as online and never finds a target: it has no address to ask from.',
  source: [CHELSIO_GUIDE],
  examples: {
    fail: networkExample({ adapter: 'kind: independent, nic: nic7, address: 192.0.2.12/24, discovery: [array1]' }),
    pass: networkExample({ adapter: 'kind: independent, nic: nic0, address: 192.0.2.12/24, discovery: [array1]' }),
  },
  check: (fabric) =>
    adaptersOf(fabric).flatMap(({ host, adapter }): Finding[] => {
      const { kind, nic, address, at } = adapter;
      const place = `\`${host.name}:${adapter.name}\``;
      const unknown = nic !== undefined && host.machine.nics.every(({ name }) => name !== nic.text);
      if (unknown)
        return [
          {
            at: nic.at,
            message: `${place} is part of \`${nic.text}\`, and \`${host.name}\` has no such port.`,
            remedy: `Write one of its \`nics\`${host.machine.nics.length === 0 ? '; it has none' : `: \`${host.machine.nics.map(({ name }) => name).join('`, `')}\``}.`,
            restsOn: [[...host.machine.at, 'nics']],
          },
        ];
      if (kind !== 'independent' || host.machine.nics.length === 0) return [];
      const missing = [nic === undefined ? 'nic' : '', address === undefined ? 'address' : ''].filter((key) => key !== '');
      return missing.map((key) => ({
        at: [...at, key],
        missingFrom: at,
        message: `${place} is an adapter of its own and has no \`${key}\`.`,
        remedy:
          key === 'nic' ? 'Add `nic:` with the port that it is part of.' : 'Add `address:` with an address and the length of its network.',
      }));
    }),
};
