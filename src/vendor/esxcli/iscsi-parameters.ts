/** Parameters of iSCSI sessions in the words of `esxcli iscsi ... param`, with what they may be (ESXi 6.7, `param get`). */
import { SECOND } from '../../base/clock.ts';
import type { SettingValue } from '../core/setting.ts';

interface Parameter {
  /** Undefined: ESXi can't say it so. */
  write(value: SettingValue): string | undefined;
  read(text: string): SettingValue | undefined;
}

const DIGESTS: Readonly<Record<string, readonly string[]>> = {
  prohibited: ['none'],
  discouraged: ['none', 'crc32c'],
  preferred: ['crc32c', 'none'],
  required: ['crc32c'],
};

const digest: Parameter = {
  write: (value) => Object.entries(DIGESTS).find(([, list]) => JSON.stringify(list) === JSON.stringify(value))?.[0],
  read: (text) => DIGESTS[text.toLowerCase()],
};

const number = (least: number, most: number, scale = 1): Parameter => ({
  write: (value) => {
    const scaled = Number(value) / scale;
    return Number.isInteger(scaled) && scaled >= least && scaled <= most ? String(scaled) : undefined;
  },
  read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) * scale : undefined),
});

const PARAMETERS: Readonly<Record<string, readonly [name: string, parameter: Parameter]>> = {
  headerDigest: ['HeaderDigest', digest],
  dataDigest: ['DataDigest', digest],
  maxOutstandingR2T: ['MaxOutstandingR2T', number(1, 8)],
  firstBurstBytes: ['FirstBurstLength', number(512, 16_777_215)],
  maxBurstBytes: ['MaxBurstLength', number(512, 16_777_215)],
  maxReceiveSegmentBytes: ['MaxRecvDataSegment', number(512, 16_777_215)],
  loginTimeoutNanos: ['LoginTimeout', number(1, 60, SECOND)],
  pingAfterNanos: ['NoopOutInterval', number(1, 60, SECOND)],
  pingTimeoutNanos: ['NoopOutTimeout', number(10, 30, SECOND)],
};

/** What software iSCSI of ESXi always has; `param get` calls them not settable. */
export const FIXED: Readonly<Record<string, SettingValue>> = {
  immediateData: true,
  initialR2T: false,
  errorRecoveryLevel: 0,
  commands: 128,
  connections: 1,
};

export const parameterFor = (setting: string, value: SettingValue): { readonly name: string; readonly text: string } | undefined => {
  const [name, parameter] = PARAMETERS[setting] ?? [];
  const text = parameter?.write(value);
  return name === undefined || text === undefined ? undefined : { name, text };
};

export function settingFor(name: string, text: string): { readonly setting: string; readonly value: SettingValue } | undefined {
  for (const [setting, [known, parameter]] of Object.entries(PARAMETERS)) {
    if (known !== name) continue;
    const value = parameter.read(text);
    return value === undefined ? undefined : { setting, value };
  }
  return undefined;
}
