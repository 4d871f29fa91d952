/** Parameters of node records of open-iscsi 2.1.8 that are settings of an adapter, with what they are where nobody sets them. */
import { SECOND } from '../../base/clock.ts';
import type { SettingValue } from '../core/setting.ts';

export interface Parameter {
  /** As in the fabric file's model. */
  readonly setting: string;
  readonly name: string;
  /** Of the iscsid.conf that comes with it. */
  readonly usual: string;
  /** What to write; `why` where open-iscsi can't have the value. */
  write(value: SettingValue): string | { readonly why: string };
  /** Undefined: this is no value of it. */
  read(text: string): SettingValue | undefined;
}

const yesNo = (setting: string, name: string, usual: string): Parameter => ({
  setting,
  name,
  usual,
  write: (value) => (value === true ? 'Yes' : 'No'),
  read: (text) => (text === 'Yes' ? true : text === 'No' ? false : undefined),
});

const wholeOf = (text: string): number | undefined => (/^\d{1,10}$/.test(text) ? Number(text) : undefined);

const whole = (
  setting: string,
  name: string,
  usual: string,
  refuse: (value: number) => string | undefined = () => undefined,
): Parameter => ({
  setting,
  name,
  usual,
  write: (value) => {
    const why = refuse(value as number);
    return why === undefined ? `${value as number}` : { why };
  },
  read: wholeOf,
});

const seconds = (setting: string, name: string, usual: string): Parameter => ({
  setting,
  name,
  usual,
  write: (value) => ((value as number) % SECOND === 0 ? `${(value as number) / SECOND}` : { why: 'open-iscsi counts in whole seconds.' }),
  read: (text) => {
    const value = wholeOf(text);
    return value === undefined ? undefined : value * SECOND;
  },
});

const digest = (setting: string, name: string): Parameter => ({
  setting,
  name,
  usual: 'None',
  write: (value) => (value as readonly string[]).map((one) => (one === 'none' ? 'None' : 'CRC32C')).join(','),
  read: (text) => {
    const words = text.split(',').map((word) => (word === 'None' ? 'none' : word === 'CRC32C' ? 'crc32c' : ''));
    return words.includes('') ? undefined : words;
  },
});

const only = (value: number, why: string) => (given: number) => (given === value ? undefined : why);

export const PARAMETERS: readonly Parameter[] = [
  digest('headerDigest', 'node.conn[0].iscsi.HeaderDigest'),
  digest('dataDigest', 'node.conn[0].iscsi.DataDigest'),
  yesNo('immediateData', 'node.session.iscsi.ImmediateData', 'Yes'),
  yesNo('initialR2T', 'node.session.iscsi.InitialR2T', 'No'),
  whole('maxOutstandingR2T', 'node.session.iscsi.MaxOutstandingR2T', '1'),
  whole('maxReceiveSegmentBytes', 'node.conn[0].iscsi.MaxRecvDataSegmentLength', '262144'),
  whole('firstBurstBytes', 'node.session.iscsi.FirstBurstLength', '262144'),
  whole('maxBurstBytes', 'node.session.iscsi.MaxBurstLength', '16776192'),
  whole('connections', 'node.session.iscsi.MaxConnections', '1', only(1, 'open-iscsi has one connection a session.')),
  whole('errorRecoveryLevel', 'node.session.iscsi.ERL', '0', only(0, 'open-iscsi knows level 0 only.')),
  whole('commands', 'node.session.cmds_max', '128', (value) =>
    value >= 2 && value <= 2048 && Number.isInteger(Math.log2(value)) ? undefined : 'open-iscsi wants a power of two from 2 to 2048.',
  ),
  seconds('loginTimeoutNanos', 'node.conn[0].timeo.login_timeout', '15'),
  seconds('pingAfterNanos', 'node.conn[0].timeo.noop_out_interval', '5'),
  seconds('pingTimeoutNanos', 'node.conn[0].timeo.noop_out_timeout', '5'),
];

export const parameterNamed = (name: string): Parameter | undefined => PARAMETERS.find((one) => one.name === name);
export const parameterOf = (setting: string): Parameter | undefined => PARAMETERS.find((one) => one.setting === setting);

/** Interface records that there are from the beginning, by transport. */
export const BUILT_IN: Readonly<Record<string, 'tcp' | 'iser'>> = { default: 'tcp', iser: 'iser' };
