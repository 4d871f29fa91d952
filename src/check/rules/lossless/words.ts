/** What these rules advise, also in the words of operating systems and switches. */
import { type LosslessPort, pfcVector } from '../../lossless.ts';

/** Commands that turn PFC on for these priorities: PowerShell, mlnx_qos, Onyx 3. */
export function pfcCommand({ port }: LosslessPort, priorities: readonly number[]): string {
  if (priorities.length === 0) return '';
  if (port.kind === 'switch') return ` In Onyx: \`dcb priority-flow-control priority ${priorities[0]!} enable\`.`;
  if (port.machine.os === 'windows') return ` On Windows: \`Enable-NetQosFlowControl -Priority ${priorities.join()}\`.`;
  return port.machine.os === 'linux'
    ? ` On Linux: \`mlnx_qos -i ${port.nic.device ?? port.nic.name} --pfc ${pfcVector(priorities)}\`.`
    : '';
}

/** Of standards that several rules rest on. */
export const PFC = 'IEEE 802.1Q clause 36 (802.1Qbb)';
export const ETS = 'IEEE 802.1Q clause 37 (802.1Qaz)';
export const DCBX = 'IEEE 802.1Q clause 38 and Annex D.2 (802.1Qaz)';
