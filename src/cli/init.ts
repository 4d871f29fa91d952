/** `samewire init`: a commented file to start from. */
import type { CommandContext } from './context.ts';

export interface InitOptions {
  readonly force?: boolean;
}

export async function init(file: string, options: InitOptions, context: CommandContext): Promise<number> {
  await context.writeText(file, STARTER, options.force === true);
  const { bold } = context.outColors;
  const again = file === 'fabric.yaml' ? '' : ` ${file}`;
  context.out(
    `Wrote ${file}. Next:\n  ${bold(`samewire check${again === '' ? ' fabric.yaml' : again}`)}\n  ${bold(`samewire up${again}`)}\n`,
  );
  return 0;
}

/** Comments for people begin with one space; what can be commented in stands right behind the `#`, or further in. */
export const STARTER = `# A fabric: what there is, and what is connected to what.
# \`samewire check\` finds every mistake in it, \`samewire up\` brings it up.
# For completion and help in an editor run \`samewire schema --out fabric.schema.json\` and make this the first line:
#   # yaml-language-server: $schema=fabric.schema.json
version: 1
name: my-fabric

arrays:
  array1:
    # Where initiators connect. Port 0 picks a free port. An address that other machines reach needs \`access\` below.
    portals:
      - 127.0.0.1:3260
      #- { listen: "192.0.2.10:3260", announce: "storage.example:3260", group: 2 }

    targets:
      iqn.2026-01.net.example:disk1:
        alias: First disk
        luns:
          # In memory: fast, and empty again after a restart.
          - store: memory
            size: 64MiB

          # In a file, made if it doesn't exist. Thin: space is taken when written, and given back by UNMAP.
          #- store: file
          #  path: disks/disk1.img
          #  size: 10GiB
          #  provisioning: thin
          #  blockSize: 512          # or 4096
          #  readOnly: false

        # Who may log in. The secret is in an environment variable or a file, never here.
        #access:
        #  - initiator: iqn.1994-05.com.redhat:client1
        #    chap:
        #      user: client1
        #      secret: { env: CLIENT1_SECRET }
        # With this the target proves itself too:
        #      mutual: { user: array1, secret: { file: secrets/array1 } }
`;
