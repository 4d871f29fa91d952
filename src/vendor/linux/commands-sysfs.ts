/** What is written to files of the kernel, and the programs of MLNX_OFED and devlink that say the same. */
import type { Found } from '../core/found.ts';
import type { Command } from './commands-dcb.ts';
import { tell } from './link.ts';

const portOf = (text: string): string | undefined => /\/sys\/class\/net\/([A-Za-z0-9_.-]{1,15})(?:\/|$)/.exec(text)?.[1];
const KINDS: Readonly<Record<string, string>> = { '1': 'roce-v1', '2': 'roce-v2', 'IB/RoCE v1': 'roce-v1', 'RoCE v2': 'roce-v2' };

export function readSysfs(found: Found, { line: { number: line }, program, words }: Command): boolean {
  const text = words.join(' ');
  if (program === 'devlink') return readDevlink(found, line, words, text);
  const nic = portOf(text);
  if (program === 'echo') return readEcho(found, line, words, nic);
  if (nic === undefined) return false;
  const value = words[words.indexOf(program === 'cma_roce_mode' ? '-m' : '-t') + 1];
  if (program === 'cma_roce_mode') tell(found, line, ['nics', nic, 'rdma', 'kind'], KINDS[value ?? '']);
  else tell(found, line, ['nics', nic, 'rdma', 'dscp'], value === undefined ? undefined : Number(value) >> 2);
  return true;
}

function readDevlink(found: Found, line: number, words: readonly string[], text: string): boolean {
  const nic = portOf(text);
  if (nic === undefined) return false;
  if (words[0] === 'dev' && words[1] === 'eswitch') tell(found, line, ['nics', nic, 'sriov', 'mode'], words[words.indexOf('mode') + 1]);
  else if (words[1] === 'param' && words.includes('enable_roce'))
    tell(found, line, ['nics', nic, 'rdma', 'enabled'], words[words.indexOf('value') + 1] === 'true');
  else return false;
  return true;
}

function readEcho(found: Found, line: number, words: readonly string[], nic: string | undefined): boolean {
  const [value, redirect, path] = words;
  if (value === undefined || path === undefined || (redirect !== '>' && redirect !== '>>')) return false;
  if (path.startsWith('/etc/modprobe.d/')) return readOptions(found, line, value);
  if (nic === undefined) return false;
  if (path.endsWith('/sriov_numvfs')) tell(found, line, ['nics', nic, 'sriov', 'functions'], Number(value));
  else if (path.endsWith('/default_roce_mode')) tell(found, line, ['nics', nic, 'rdma', 'kind'], KINDS[value]);
  else if (path.endsWith('/default_roce_tos') || path.endsWith('/traffic_class'))
    tell(found, line, ['nics', nic, 'rdma', 'dscp'], Number(value) >> 2);
  else if (/\/ecn\/roce_(?:np|rp)\/enable\/[0-7]$/.test(path)) tell(found, line, ['nics', nic, 'rdma', 'ecn'], value === '1');
  else return false;
  return true;
}

/** `options mlx5_core prof_sel=2` (modprobe.d(5)). */
function readOptions(found: Found, line: number, text: string): boolean {
  const [options, driver, ...parameters] = text.split(' ');
  if (options !== 'options' || driver === undefined) return false;
  for (const parameter of parameters) {
    const [name, ...value] = parameter.split('=');
    const written = value.join('=');
    tell(found, line, ['drivers', driver, name!], /^-?\d{1,15}$/.test(written) ? Number(written) : written);
  }
  return parameters.length > 0;
}
