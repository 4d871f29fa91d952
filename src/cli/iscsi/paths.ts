/** `samewire iscsi path` and `samewire iscsi reset`: paths and adapters of the hosts of a fabric that is up, steered by hand. */
import type { ResetAnswer } from '../../server/api/paths.ts';
import type { HostsAnswer } from '../../server/api/hosts.ts';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UserError } from '../context.ts';
import { pathText } from '../host-words.ts';
import { count } from '../plain-text.ts';

export interface PathOptions {
  readonly file: string;
  readonly json?: boolean;
  /** Only for this disk. */
  readonly device?: string;
}

/** `place`: HOST/PATH, such as `esx1/vmhba64:C0:T0:L0`. */
export async function setPath(place: string, state: 'off' | 'active', options: PathOptions, context: CommandContext): Promise<number> {
  const [host, path] = placeOf(place, 'path', 'esx1/vmhba64:C0:T0:L0');
  const device = options.device ?? (await deviceOf(host, path, options.file, context));
  const answer = (await askFabric(options.file, 'POST', '/api/hosts/path', { host, device, path, state }, context)) as HostsAnswer;
  if (options.json === true) {
    context.out(`${JSON.stringify(answer)}\n`);
    return 0;
  }
  const paths = answer.hosts.find((one) => one.host === host)?.devices.find((one) => one.device === device)?.paths ?? [];
  const usable = paths.filter(({ inUse }) => inUse).length;
  const now = paths.find((one) => one.path === path);
  context.out(`${place} to ${device}: ${now === undefined ? state : pathText(now)}.\n`);
  if (usable === 0) context.err(`${context.errColors.yellow('note:')} no path to ${device} is in use.\n`);
  return 0;
}

/** A path leads to one disk: its name says which LUN of which target. */
async function deviceOf(host: string, path: string, file: string, context: CommandContext): Promise<string> {
  const { hosts } = (await askFabric(file, 'GET', '/api/hosts', undefined, context)) as HostsAnswer;
  const devices = hosts.find((one) => one.host === host)?.devices;
  if (devices === undefined)
    throw new UserError(`There is no host ${host} with adapters; there are ${hosts.map((one) => one.host).join(', ') || 'none'}.`);
  const found = devices.find((device) => device.paths.some((one) => one.path === path));
  if (found !== undefined) return found.device;
  const known = devices.flatMap((device) => device.paths.map((one) => one.path));
  throw new UserError(`${host} has no path ${path}; it has ${known.join(', ') || 'none'}.`);
}

/** `place`: HOST/ADAPTER. */
export async function resetAdapter(place: string, options: PathOptions, context: CommandContext): Promise<number> {
  const [host, adapter] = placeOf(place, 'adapter', 'esx1/vmhba64');
  const answer = (await askFabric(options.file, 'POST', '/api/hosts/reset', { host, adapter }, context)) as ResetAnswer;
  if (options.json === true) context.out(`${JSON.stringify(answer)}\n`);
  else if (answer.lost === 0) context.out(`${place} was reset, and has its sessions back.\n`);
  else context.out(`${place} was reset; ${count(answer.lost, 'session')} not back yet, it goes on trying.\n`);
  return answer.lost === 0 ? 0 : 1;
}

function placeOf(place: string, what: string, example: string): [string, string] {
  const [host, name, ...more] = place.split('/');
  if (host === undefined || host === '' || name === undefined || name === '' || more.length > 0)
    throw new UserError(`\`${place}\` is no host and ${what}; write them as \`${example}\`.`);
  return [host, name];
}
