/** SMB 3 of a Windows host, as far as it decides whether SMB Direct carries its files. */
import { z } from 'zod';
import { mapping, whole, yesNo } from './words.ts';

export const smbSchema = mapping('a mapping of settings', {
  multichannel: yesNo().optional().meta({ description: 'Several connections a session; SMB Direct is found by it (EnableMultichannel).' }),
  signing: yesNo().optional().meta({ description: 'Messages are signed (RequireSecuritySignature).' }),
  encryption: yesNo().optional().meta({ description: 'Messages are encrypted (EncryptData).' }),
  liveMigrationLimit: whole('a whole number of MB a second from 1 to 100000', 1, 100_000)
    .optional()
    .meta({ description: 'Live migration over SMB: the most it takes, in MB a second (Set-SmbBandwidthLimit).', examples: [750] }),
});

export type SmbDeclaration = z.output<typeof smbSchema>;
