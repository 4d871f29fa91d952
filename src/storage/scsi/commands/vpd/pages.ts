/** Which vital product data pages a logical unit has (SPC-5 §7.8), and page 00h, which lists them. */
import { putBe16 } from '../../../../base/bytes.ts';
import type { LogicalUnit } from '../../logical-unit.ts';
import type { Nexus } from '../../nexus.ts';
import { blockCharacteristics, blockLimits, blockProvisioning } from './block-pages.ts';
import { deviceIdentification } from './device-identification.ts';
import { extendedInquiry } from './extended-inquiry.ts';
import { thirdPartyCopy } from './third-party-copy.ts';
import { unitSerialNumber } from './unit-serial-number.ts';

/** What stands behind the header of a page. */
type PageBody = (unit: LogicalUnit, nexus: Nexus) => Uint8Array;

interface VpdPage {
  readonly code: number;
  readonly body: PageBody;
  /** Absent: every unit has it. */
  readonly appliesTo?: (unit: LogicalUnit) => boolean;
}

/** In ascending order, as page 00h has to list them (SPC-5 §7.8). */
const pages: readonly VpdPage[] = [
  { code: 0x00, body: (unit) => Uint8Array.from(pages.filter((page) => has(unit, page)).map((page) => page.code)) },
  { code: 0x80, body: unitSerialNumber },
  { code: 0x83, body: deviceIdentification },
  { code: 0x86, body: extendedInquiry },
  { code: 0x8f, body: thirdPartyCopy },
  { code: 0xb0, body: blockLimits },
  { code: 0xb1, body: blockCharacteristics },
  { code: 0xb2, body: blockProvisioning, appliesTo: (unit) => unit.config.thin },
];

const has = (unit: LogicalUnit, page: VpdPage): boolean => page.appliesTo === undefined || page.appliesTo(unit);

/** The page as it goes out, header and all; undefined: this unit has none of that code. */
export function vpdPage(unit: LogicalUnit, nexus: Nexus, code: number): Uint8Array | undefined {
  const page = pages.find((candidate) => candidate.code === code);
  if (page === undefined || !has(unit, page)) return undefined;
  const body = page.body(unit, nexus);
  const out = new Uint8Array(4 + body.length);
  out[1] = code;
  putBe16(out, 2, body.length);
  out.set(body, 4);
  return out;
}
