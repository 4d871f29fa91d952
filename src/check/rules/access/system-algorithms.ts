/** Initiators of operating systems know fewer CHAP algorithms than the registry has (RFC 7143 §12.1.3). */
import { loginsOf } from '../../logins.ts';
import type { Rule } from '../../rule.ts';
import { hostsByAdapter } from '../../walk.ts';
import { EXAMPLE_HOST, fabricExample } from '../../example.ts';

const example = (algorithms: string): string =>
  fabricExample(`arrays:
  array1:
    portals: ["127.0.0.1:3260"]
    targets:
      iqn.2026-01.net.example:disk1:
        luns: [{ store: memory, size: 64MiB }]
        access: [{ initiator: any, chap: { user: esx1, secret: { env: ESX1_SECRET }, algorithms: [${algorithms}] } }]
hosts:
  esx1:
    os: windows
    iscsi:
      vmhba64: { initiator: ${EXAMPLE_HOST}, discovery: [array1], chap: { user: esx1, secret: { env: ESX1_SECRET } } }
`);

export const systemAlgorithms: Rule = {
  id: 'SW-1230',
  name: 'system-algorithms',
  severity: 'error',
  title: 'A target asks a system for a CHAP algorithm that it does not know',
  meaning: 'The initiators of Windows and of ESXi offer MD5 alone (CHAP_A=5). A target without MD5 has nothing in common with them.',
  remedy: 'Add `md5` to the `algorithms` of the target, for this initiator.',
  ignored: 'The login ends with an authentication failure, with the right secret.',
  source: ['RFC 7143 §12.1.3', 'RFC 1994'],
  examples: { fail: example('sha3-256, sha256'), pass: example('sha256, md5') },
  check: (fabric) => {
    const told = new Set<object>();
    return loginsOf(fabric).flatMap(({ adapter, target, access, chap }) => {
      const host = hostsByAdapter(fabric).get(adapter);
      const asked = access?.chap;
      if (host?.machine.os === undefined || host.machine.os === 'linux' || asked === undefined || chap === undefined) return [];
      if (asked.algorithms.includes('md5') || told.has(asked)) return [];
      told.add(asked);
      return [
        {
          at: [...asked.at, 'algorithms'],
          message: `\`${target.name}\` asks \`${host.name}\` for ${asked.algorithms.join(' or ')}, and ${host.machine.os === 'windows' ? 'Windows' : 'ESXi'} knows MD5 only.`,
          remedy: 'Add `md5`.',
          related: [{ at: [...host.at, 'os'], message: 'the host' }],
        },
      ];
    });
  },
};
