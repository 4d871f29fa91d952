/** Keys of a switch's `ports`: `1`, `1-8` for eight of them, or a name such as `Ethernet1/1`. */
import { mistake, type Parsed } from '../parsed.ts';

const PORTS_MAX = 1024;

/** The ports a key means; none if it is no good. */
export function portNames(key: string): readonly string[] {
  const parsed = parsePortKey(key);
  return 'value' in parsed ? parsed.value : [];
}

export function parsePortKey(key: string): Parsed<readonly string[]> {
  const range = /^(\d{1,5})-(\d{1,5})$/.exec(key);
  if (range !== null) {
    const first = Number(range[1]);
    const last = Number(range[2]);
    if (first < 1 || last < first || last > PORTS_MAX)
      return mistake(`\`${key}\` is no range of ports.`, `Write a range such as \`1-8\`, up to ${PORTS_MAX}.`);
    return { value: Array.from({ length: last - first + 1 }, (_, index) => `${first + index}`) };
  }
  return /^[A-Za-z0-9_./-]{1,64}$/.test(key)
    ? { value: [key] }
    : mistake(`\`${key.slice(0, 64)}\` is no port.`, 'Write a number, a range such as `1-8`, or a name such as `Ethernet1/1`.');
}
