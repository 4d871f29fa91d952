import { describe, expect, it } from 'vitest';
import { parseFabric } from '../fabric/load.ts';
import { planNetwork } from '../fabric/network/plan.ts';
import { planArrays } from '../fabric/plan.ts';
import { publishedTo } from '../os/network/publish.ts';
import { fakeArrays } from './testing/test-context.ts';
import { quote, tryCommands } from './try-commands.ts';

function commandsOf(target: string, portal = '127.0.0.1:0', more = ''): readonly string[] {
  const text = `version: 1\nname: x\narrays:\n  a:\n    portals: ["${portal}"]\n${more}    targets:\n      iqn.2026-01.net.example:d: { luns: [{ store: memory, size: 1MiB }], ${target} }\n`;
  const plans = planArrays(parseFabric(text, 'f/x.yaml'), 'f/x.yaml');
  return tryCommands(plans, fakeArrays(plans, { events: () => {}, readSecret: () => new Uint8Array() }).ready, undefined)[0]!.commands;
}

/** An array in the network of the fabric, whose host publishes something. */
const inside = (portal: string, publish: string): readonly string[] | undefined => {
  const text = `version: 1
name: x
hosts: { h: { nics: { n0: { addresses: [192.0.2.1/24] } }, ${publish} } }
arrays:
  a:
    nics: { e0: { addresses: [192.0.2.20/24] } }
    portals: ["${portal}"]
    targets: { iqn.2026-01.net.example:d: { luns: [{ store: memory, size: 1MiB }], access: [any] } }
links: [[h:n0, a:e0]]
`;
  const parsed = parseFabric(text, 'x.yaml');
  const network = planNetwork(parsed, 'x.yaml');
  const plans = planArrays(parsed, 'x.yaml');
  const published = network!.machines.flatMap(({ name, publications }) =>
    publications.map((one) => ({ host: name, listen: '127.0.0.1:41000', to: publishedTo(one) })),
  );
  const ready = {
    event: 'ready' as const,
    arrays: { a: { portals: ['192.0.2.20:3260'], targets: [] } },
    network: { attached: [], published },
  };
  return tryCommands(plans, ready, network)[0]?.commands;
};

describe('tryCommands', () => {
  it('names the port that was picked', () => {
    expect(commandsOf('')).toEqual([
      'iscsi-ls -s iscsi://127.0.0.1:40001',
      'iscsi-inq iscsi://127.0.0.1:40001/iqn.2026-01.net.example:d/0',
      'qemu-img info iscsi://127.0.0.1:40001/iqn.2026-01.net.example:d/0',
      'sudo iscsiadm -m discovery -t sendtargets -p 127.0.0.1:40001',
      'sudo iscsiadm -m node -T iqn.2026-01.net.example:d -p 127.0.0.1:40001 --login',
    ]);
  });

  it('reaches "every address" on loopback, and quotes what a shell would read', () => {
    expect(commandsOf('access: [any]', '0.0.0.0:0')[0]).toBe('iscsi-ls -s iscsi://127.0.0.1:40001');
    expect(commandsOf('access: [any]', '[::]:0')[0]).toBe("iscsi-ls -s 'iscsi://[::1]:40001'");
  });

  it('takes secrets from where they are', () => {
    const commands = commandsOf(
      'access: [{ initiator: any, chap: { user: "it\'s", secret: { env: DISK }, mutual: { user: arr, secret: { file: s/arr } } } }]',
    );
    const environment = `LIBISCSI_CHAP_USERNAME='it'\\''s' LIBISCSI_CHAP_PASSWORD="$DISK" LIBISCSI_CHAP_TARGET_USERNAME=arr LIBISCSI_CHAP_TARGET_PASSWORD="$(cat f/s/arr)" `;
    for (const command of commands.slice(1, 3)) expect(command.startsWith(environment)).toBe(true);
    // Without CHAP at discovery the target has no name to prove there, and libiscsi would insist.
    expect(commands[0]).not.toContain('TARGET_USERNAME');
    expect(commands[4]).toContain('-n node.session.auth.authmethod -v CHAP');
    expect(commands[4]).toContain('-n node.session.auth.password -v "$DISK"');
    expect(commands[4]).toContain('-n node.session.auth.password_in -v "$(cat f/s/arr)"');
  });

  it('calls itself what the target wants to hear', () => {
    const commands = commandsOf('access: [{ initiator: iqn.1994-05.com.redhat:c, chap: { user: u, secret: { file: s } } }]');
    expect(commands[0]).toContain('iscsi-ls -i iqn.1994-05.com.redhat:c -s ');
    expect(commands[2]).toContain('--object secret,id=chap,file=f/s --image-opts driver=iscsi,');
    expect(commands[2]).toContain('initiator-name=iqn.1994-05.com.redhat:c,user=u,password-secret=chap');
  });

  it('uses what anyone may use, if there is such a thing', () => {
    expect(commandsOf('access: [iqn.1994-05.com.redhat:c, any]')[0]).toBe('iscsi-ls -s iscsi://127.0.0.1:40001');
  });

  describe('for an array in the network of the fabric', () => {
    it('goes where its portal is published, and not on to others', () => {
      const expected = [
        'iscsi-ls iscsi://127.0.0.1:41000',
        'iscsi-inq iscsi://127.0.0.1:41000/iqn.2026-01.net.example:d/0',
        'qemu-img info iscsi://127.0.0.1:41000/iqn.2026-01.net.example:d/0',
        'sudo iscsiadm -m node -T iqn.2026-01.net.example:d -p 127.0.0.1:41000 -o new',
        'sudo iscsiadm -m node -T iqn.2026-01.net.example:d -p 127.0.0.1:41000 --login',
      ];
      expect(inside('192.0.2.20:3260', 'publish: "127.0.0.1:0 -> a:3260"')).toEqual(expected);
      expect(inside('0.0.0.0:3260', 'publish: "127.0.0.1:0 -> a:3260"')).toEqual(expected);
    });

    it('has nothing where it is not', () => {
      expect(inside('192.0.2.20:3260', '')).toBeUndefined();
      expect(inside('192.0.2.20:3260', 'publish: "127.0.0.1:0 -> a:80"')).toBeUndefined();
    });
  });

  it('has nothing to try where all has moved', () => {
    const text =
      'version: 1\nname: x\narrays:\n  a:\n    portals: ["127.0.0.1:0"]\n    targets: { iqn.2026-01.net.example:d: { redirect: 192.0.2.1 } }\n';
    const plans = planArrays(parseFabric(text, 'x.yaml'), 'x.yaml');
    expect(tryCommands(plans, fakeArrays(plans, { events: () => {}, readSecret: () => new Uint8Array() }).ready, undefined)).toEqual([]);
  });
});

it('quote', () => {
  expect([quote('a-b.c:1/x'), quote('a b'), quote("a'b"), quote('$x')]).toEqual(['a-b.c:1/x', "'a b'", "'a'\\''b'", "'$x'"]);
});
