/** What application entries of DCBX name (IEEE 802.1Q D.2.9): words of the fabric file, and the selectors and numbers that devices print. */

export type Selector = 'ethertype' | 'tcp' | 'udp' | 'port' | 'dscp' | 'default';

export interface Protocol {
  readonly selector: Selector;
  readonly number: number;
}

const WORDS: ReadonlyMap<string, Protocol> = new Map([
  ['fcoe', { selector: 'ethertype', number: 0x8906 }],
  ['fip', { selector: 'ethertype', number: 0x8914 }],
  ['roce-v1', { selector: 'ethertype', number: 0x8915 }],
  ['iscsi', { selector: 'tcp', number: 3260 }],
  ['nvme-tcp', { selector: 'tcp', number: 4420 }],
  ['roce-v2', { selector: 'udp', number: 4791 }],
  // IEEE 802.1Q D.2.9: EtherType 0 stands for all that no other entry names.
  ['default', { selector: 'default', number: 0 }],
]);
const NAMES = new Map([...WORDS].map(([word, { selector, number }]) => [`${selector}:${number}`, word]));

/** Undefined: it has no one number (`iwarp`). */
export function protocolOf(written: string): Protocol | undefined {
  const word = WORDS.get(written);
  if (word !== undefined) return word;
  const match = /^(ethertype|tcp|udp|port|dscp):(0x[0-9a-fA-F]{1,4}|\d{1,5})$/.exec(written);
  return match === null ? undefined : { selector: match[1] as Selector, number: Number(match[2]) };
}

/** The word, where there is one: `fcoe` for EtherType 0x8906. */
export function protocolName({ selector, number }: Protocol): string {
  const text = selector === 'ethertype' ? `ethertype:0x${number.toString(16).padStart(4, '0')}` : `${selector}:${number}`;
  return NAMES.get(`${selector}:${number}`) ?? (selector === 'ethertype' && number === 0 ? 'default' : text);
}

/** The usual way to write it: two ways to write the same are no difference. */
export function protocolWord(written: string): string {
  const protocol = protocolOf(written);
  return protocol === undefined ? written : protocolName(protocol);
}
