/** iSCSI names (RFC 7143 §4.2.7): `iqn.`, `eui.` and `naa.`, in the one spelling that stringprep (RFC 3722) leaves. */
import { utf8Bytes } from '../base/bytes.ts';
import { mistake, type Parsed } from './parsed.ts';

/** RFC 7143 §4.2.7.1. */
const ISCSI_NAME_BYTES_MAX = 223;

const EXAMPLE = 'iqn.2026-01.net.example:disk1';

export function parseIscsiName(written: string): Parsed<string> {
  if (utf8Bytes(written).length > ISCSI_NAME_BYTES_MAX) {
    return mistake(
      `An iSCSI name has at most ${ISCSI_NAME_BYTES_MAX} bytes, and this one has ${utf8Bytes(written).length}.`,
      'Shorten it.',
    );
  }
  const lower = written.toLowerCase().normalize('NFKC');
  if (written !== lower) return mistake('An iSCSI name is written in lower case.', `Write \`${lower}\`.`);
  if (written.startsWith('iqn.')) return iqn(written);
  // RFC 7143 §4.2.7.4 and §4.2.7.5: EUI-64, and NAA of 64 or 128 bits.
  if (written.startsWith('eui.')) return hexadecimal(written, [16]);
  if (written.startsWith('naa.')) return hexadecimal(written, [16, 32]);
  return mistake(`\`${written}\` is not an iSCSI name.`, `Write a name such as \`${EXAMPLE}\`.`);
}

/** RFC 7143 §4.2.7.3: `iqn.`, the year and month the domain was owned, the domain reversed, and what its owner likes after a colon. */
function iqn(written: string): Parsed<string> {
  const match = /^iqn\.([^.]*)\.([^:]*)(?::(.*))?$/s.exec(written);
  if (match === null) return mistake(`\`${written}\` lacks its date or domain.`, `Write a name such as \`${EXAMPLE}\`.`);
  const [, date, domain, rest] = match as unknown as [string, string, string, string | undefined];
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(date)) {
    return mistake(
      `\`${date}\` is not a year and month.`,
      `After \`iqn.\` write when the domain was yours, such as \`2026-01\`: \`${EXAMPLE}\`.`,
    );
  }
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(domain)) {
    return mistake(
      `\`${domain}\` is not a reversed domain name.`,
      `After the date write a domain backwards, such as \`net.example\`: \`${EXAMPLE}\`.`,
    );
  }
  // RFC 7143 §4.2.7.2: of ASCII only letters, digits, dash, dot and colon; beyond ASCII what NFKC leaves as it is.
  const wrong = rest === undefined ? undefined : /[^a-z0-9.:\-\u0080-\uffff]/.exec(rest)?.[0];
  if (wrong !== undefined) {
    const better = rest!.replace(/[^a-z0-9.:\-\u0080-\uffff]+/g, '-');
    return mistake(
      `An iSCSI name has no ${wrong === ' ' ? 'space' : `\`${wrong}\``} in it.`,
      `Write \`${written.slice(0, written.length - rest!.length)}${better}\`.`,
    );
  }
  return { value: written };
}

function hexadecimal(written: string, lengths: readonly number[]): Parsed<string> {
  const digits = written.slice(4);
  if (/^[0-9a-f]+$/.test(digits) && lengths.includes(digits.length)) return { value: written };
  return mistake(
    `\`${written}\` is not a name of its kind.`,
    `After \`${written.slice(0, 4)}\` write ${lengths.join(' or ')} hexadecimal digits.`,
  );
}
