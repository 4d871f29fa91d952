/** `mlnx_qos -i PORT ...` of MLNX_OFED, in today's form and as guides for older ones have it (the list for PFC without `--pfc`). */
import type { Found } from '../core/found.ts';
import type { Command } from './commands-dcb.ts';
import { tellApplication, tellClasses, tellDcbx, tellPfc } from './dcb-words.ts';
import { tell } from './link.ts';

const LONG: Readonly<Record<string, string>> = {
  '--interface': '-i',
  '--pfc': '-f',
  '--prio_tc': '-p',
  '--tsa': '-s',
  '--tcbw': '-t',
  '--dcbx': '-d',
};

export function readMlnxQos(found: Found, { line: { number: line }, words: all }: Command): boolean {
  const words = all.flatMap((word) =>
    /^--\w+=/.test(word) ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] : [word],
  );
  const options = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (/^[01](?:,[01]){7}$/.test(word)) options.set('-f', word);
    else if (!word.startsWith('-') || words[at + 1] === undefined) return false;
    else options.set(LONG[word] ?? word, words[(at += 1)]!);
  }
  const nic = options.get('-i');
  if (nic === undefined) return false;
  const eight = (option: string): string[] | undefined => {
    const list = options.get(option)?.split(',');
    return list?.length === 8 ? list : undefined;
  };
  const pfc = eight('-f');
  if (pfc !== undefined)
    tellPfc(
      found,
      line,
      nic,
      pfc.flatMap((on, priority) => (on === '1' ? [priority] : [])),
    );
  const [map, algorithms, shares] = [eight('-p'), eight('-s'), eight('-t')];
  if (map !== undefined)
    tellClasses(
      found,
      line,
      nic,
      Array.from({ length: 8 }, (_, number) => ({
        number,
        priorities: map.flatMap((one, priority) => (one === `${number}` ? [priority] : [])),
        algorithm: algorithms?.[number],
        bandwidth: shares?.[number] === undefined ? undefined : Number(shares[number]),
      })),
    );
  tell(found, line, ['nics', nic, 'dcb', 'trust'], options.get('--trust'));
  const agent = options.get('-d');
  if (agent !== undefined)
    tellDcbx(found, line, nic, { host: agent === 'os', device: agent === 'fw', cee: false, ieee: false, isStatic: false });
  const mapping = /^set,(\d{1,2}),([0-7])$/.exec(options.get('--dscp2prio') ?? '');
  if (mapping !== null) tellApplication(found, line, nic, { selector: 'dscp', number: Number(mapping[1]) }, Number(mapping[2]));
  const understood = ['-i', '-f', '-p', '-s', '-t', '--trust', '-d', '--dscp2prio'];
  return (
    [...options.keys()].every((option) => understood.includes(option)) &&
    ['-f', '-p', '-s', '-t'].every((option) => !options.has(option) || eight(option) !== undefined) &&
    (map !== undefined || (algorithms === undefined && shares === undefined))
  );
}
