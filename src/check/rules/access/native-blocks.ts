/** VMware ESXi knows disks of 512-byte blocks on arrays, with physical blocks of 512 or 4096 bytes. */
import type { Rule } from '../../rule.ts';
import { hostsByAdapter } from '../../walk.ts';
import { loginsOf } from '../../logins.ts';
import { networkExample } from './examples.ts';

const example = (lun: string): string => networkExample({ adapter: 'discovery: [array1]', host: 'os: esxi', lun });

export const nativeBlocks: Rule = {
  id: 'SW-1229',
  name: 'native-blocks',
  severity: 'error',
  title: 'An ESXi host is given a disk with blocks of 4096 bytes',
  meaning: 'ESXi takes 4Kn disks only where they are built into the host. On an array it takes 512n and 512e: logical blocks of 512 bytes.',
  remedy: 'Write `blockSize: 512`, with `physicalBlockSize: 4096` where the disk has larger blocks inside (512e).',
  ignored: 'The device shows up and can not be used: no datastore can be made on it.',
  source: ['VMware KB 2091600, FAQ: Support statement for 512e and 4K native drives for VMware vSphere and vSAN'],
  examples: { fail: example('blockSize: 4096'), pass: example('physicalBlockSize: 4096') },
  check: (fabric) => {
    const told = new Set<object>();
    return loginsOf(fabric).flatMap(({ adapter, target }) => {
      const host = hostsByAdapter(fabric).get(adapter);
      if (host?.machine.os !== 'esxi') return [];
      return target.luns
        .filter((lun) => lun.blockBytes === 4096 && !told.has(lun) && told.add(lun))
        .map((lun) => ({
          at: [...lun.at, 'blockSize'],
          message: `LUN ${lun.lun} of \`${target.name}\` has blocks of 4096 bytes, and \`${host.name}\` runs ESXi, which takes 512 only.`,
          remedy: 'Write `blockSize: 512` and `physicalBlockSize: 4096`.',
          related: [{ at: [...host.at, 'os'], message: 'the host' }],
        }));
    });
  },
};
