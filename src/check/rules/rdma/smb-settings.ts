/** SMB of a Windows host lets SMB Direct do its work. */
import type { Said } from '../../../fabric/lossless/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { windowsExample } from './examples.ts';

const example = (settings: string): string => windowsExample(`smb: { ${settings} }`);

export const smbSettings: Rule = {
  id: 'SW-1164',
  name: 'smb-settings',
  severity: 'warning',
  title: 'SMB is set so that SMB Direct is not used, or gains nothing',
  meaning:
    'SMB finds its RDMA connections by multichannel. Signed or encrypted data has to go through the processor, so that the adapter does not place it in memory.',
  remedy: 'Turn multichannel on; turn signing and encryption off on a storage network of its own, or live with what they cost.',
  ignored: 'Get-SmbMultichannelConnection shows no RDMA; files go over TCP, or over RDMA at the rate of a processor.',
  source: ['Validate-DCB of Microsoft', DEMARTEK_GUIDE],
  examples: { fail: example('multichannel: false'), pass: example('multichannel: true, signing: false, encryption: false') },
  check: (fabric) =>
    fabric.hosts.flatMap(({ name, machine, smb }): Finding[] => {
      const rdma = machine.nics.find((nic) => nic.rdma?.enabled === true)?.rdma;
      if (smb === undefined || rdma === undefined) return [];
      const finding = (said: Said<boolean> | undefined, wrong: boolean, what: string, command: string): Finding[] =>
        said?.value !== wrong
          ? []
          : [
              {
                at: said.at,
                message: `\`${name}\` does RDMA, and its SMB ${what}.`,
                remedy: `Write \`${!wrong}\`. On Windows: \`${command}\`.`,
                related: [{ at: rdma.at, message: 'RDMA' }],
                restsOn: [rdma.at],
              },
            ];
      return [
        ...finding(
          smb.multichannel,
          false,
          'uses no multichannel, by which SMB Direct is found',
          'Set-SmbClientConfiguration -EnableMultiChannel $true',
        ),
        ...finding(smb.signing, true, 'signs messages', 'Set-SmbClientConfiguration -RequireSecuritySignature $false'),
        ...finding(smb.encryption, true, 'encrypts messages', 'Set-SmbServerConfiguration -EncryptData $false'),
      ];
    }),
};
