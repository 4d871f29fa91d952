/** Logical units: what an initiator sees as a disk. */
import { z } from 'zod';
import { mistake, type Parsed } from '../parsed.ts';
import { parseSize } from '../size.ts';
import { ascii, choice, mapping, named, readBy, whole, yesNo } from './words.ts';

/** SAM-5: flat space addressing has 14 bits. */
const LUN_MAX = 16383;

const lunNoun = `a whole number from 0 to ${LUN_MAX}`;
const sizeNoun = 'a size such as `64MiB` or `1GiB`';

export const parseLunNumber = (written: string): Parsed<number> =>
  /^(0|[1-9]\d{0,4})$/.test(written) && Number(written) <= LUN_MAX
    ? { value: Number(written) }
    : mistake(`\`${written}\` is not a logical unit number.`, `Write ${lunNoun}.`);

const sizeSchema = z.union([z.string(), z.number()], { error: sizeNoun }).superRefine(readBy(parseSize));

const shape = {
  store: choice(['memory', 'file']).meta({ description: 'What keeps the bytes: `memory` (gone when the fabric goes down) or `file`.' }),
  size: sizeSchema.optional().meta({
    description:
      'Size of the disk: KiB, MiB, GiB, TiB, or decimal KB, MB, GB, TB, or bytes. A file that exists needs none; one that does not is made with this size.',
    examples: ['64MiB', '1GiB'],
  }),
  path: z
    .string({ error: 'the path of a file' })
    .min(1, { error: 'the path of a file' })
    .optional()
    .meta({ description: 'The file of a `file` store, relative to this file.', examples: ['disks/disk1.img'] }),
  blockSize: z
    .literal([512, 4096], { error: 'choice' })
    .default(512)
    .meta({ description: 'Bytes of a logical block. VMware ESXi wants 512.' }),
  physicalBlockSize: z
    .literal([512, 1024, 2048, 4096, 8192, 16384, 32768, 65536], { error: 'choice' })
    .optional()
    .meta({ description: 'Bytes of a physical block, if larger: 4096 with a `blockSize` of 512 is 512e.' }),
  provisioning: choice(['thin', 'thick'])
    .default('thick')
    .meta({ description: '`thin`: space is taken when it is written, and UNMAP gives it back. `thick`: the disk knows no UNMAP.' }),
  readOnly: yesNo().default(false).meta({ description: 'Writes are refused as write protected.' }),
  removable: yesNo().default(false).meta({ description: 'The medium can be ejected and loaded, like a cartridge.' }),
  serial: ascii('1 to 64 printable ASCII characters', 64)
    .optional()
    .meta({ description: 'Unit serial number (VPD page 80h). By default it is made of the target name and the LUN, and stays the same.' }),
  vendor: ascii('1 to 8 printable ASCII characters', 8).default('SAMEWIRE').meta({ description: 'T10 vendor identification.' }),
  product: ascii('1 to 16 printable ASCII characters', 16).default('VIRTUAL-DISK').meta({ description: 'Product identification.' }),
};

const lunMapping = mapping('a mapping with `store`', shape);
export type LunDeclaration = z.output<typeof lunMapping>;

const lunsNoun = 'a list of LUNs, or a mapping from LUN to its declaration';

export const lunsSchema = z
  .union(
    [
      z.array(
        mapping('a mapping with `store`', {
          lun: whole(lunNoun, 0, LUN_MAX)
            .optional()
            .meta({ description: 'Logical unit number. By default its place in the list, from 0.' }),
          ...shape,
        }),
        { error: lunsNoun },
      ),
      named(lunsNoun, lunMapping),
    ],
    { error: lunsNoun },
  )
  .meta({ description: 'The disks of the target: a list, or a mapping by logical unit number.' });
