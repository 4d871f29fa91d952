/** What a machine sends fits through its link and its switch. */
import { portMtu } from '../../bridge-ports.ts';
import { uplinkExample } from '../../example.ts';
import { type BridgePort, joinedPorts, mtusOf, placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (mtu: number): string => uplinkExample(`mtu: ${mtu}`, 'vlan: 10').replace('  tor1:\n', '  tor1:\n    mtu: 1500\n');

export const carriedMtu: Rule = {
  id: 'SW-1058',
  name: 'carried-mtu',
  severity: 'error',
  title: 'A machine sends longer packets than its link or its switch carries',
  meaning: 'Frames that are too long are dropped without a word: short exchanges work, and transfers stand still.',
  remedy: 'Write an `mtu` that link and switch carry, or a larger one there.',
  ignored: 'Ping and discovery work; the first large read hangs, and the session times out.',
  source: ['RFC 2923 §2.1', 'RFC 1191'],
  examples: { fail: example(9000), pass: example(1500) },
  check: (fabric) =>
    joinedPorts(fabric).flatMap(({ link, ends: [one, other] }) =>
      [
        [one, other],
        [other, one],
      ].flatMap(([station, far]): Finding[] => {
        if (station!.kind !== 'machine') return [];
        const limits = [
          { mtuBytes: link.mtuBytes, name: 'the link', at: [...link.at, 'mtu'] },
          ...(far!.kind === 'switch' ? [atSwitch(far!)] : []),
        ];
        const least = limits.reduce((a, b) => (b.mtuBytes < a.mtuBytes ? b : a));
        return mtusOf(station!.nic)
          .filter(({ mtuBytes }) => mtuBytes > least.mtuBytes)
          .map(({ at, mtuBytes }) => ({
            at: [...at, 'mtu'],
            message: `\`${placeOf(station!)}\` sends packets of up to ${mtuBytes} bytes, and ${least.name} carries ${least.mtuBytes}.`,
            remedy: `Write \`mtu: ${least.mtuBytes}\` or less, or a larger one there.`,
            related: [{ at: least.at, message: least.name }],
            // Other machines at the same switch have the same trouble with it.
            cause: least.at,
            restsOn: [least.at],
          }));
      }),
    ),
};

/** A port that says its own MTU is named itself. */
const atSwitch = (far: BridgePort) => ({ ...portMtu(far), name: far.port.mtu === undefined ? `\`${far.node}\`` : `\`${placeOf(far)}\`` });
