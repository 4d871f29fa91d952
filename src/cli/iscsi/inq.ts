/** `samewire iscsi inq`: everything a logical unit says of itself, in words or as bytes. */
import { hex } from '../../base/bytes.ts';
import { inspectUnit, type UnitInspection } from '../../os/iscsi/inspection.ts';
import { openIscsiSession } from '../../os/iscsi/index.ts';
import { deviceTypeText } from '../../os/iscsi/inventory.ts';
import { describeVpdPage, type PageWords, vpdPageName, type Words } from '../../wire/scsi/vpd-words.ts';
import { type CommandContext, UserError } from '../context.ts';
import { plainLine } from '../plain-text.ts';
import { explained } from './failure.ts';
import { type ConnectionOptions, iscsiOptionsOf } from './options.ts';
import { unitPlaceOf } from './places.ts';
import { dumpLines, sizeText } from './words.ts';

export interface InqOptions extends ConnectionOptions {
  readonly page?: string;
  readonly raw?: boolean;
}

export function inq(url: string, options: InqOptions, context: CommandContext): Promise<number> {
  return explained(async () => {
    const { lun } = unitPlaceOf(url);
    const only = pageOf(options.page);
    const session = await openIscsiSession(url, iscsiOptionsOf(options, context));
    let found: UnitInspection;
    try {
      found = await inspectUnit(session, lun, only);
    } finally {
      await session.close();
    }
    if (options.json === true) context.out(`${JSON.stringify(inspectionJson(found))}\n`);
    else context.out(inspectionText(found, options.raw === true, only !== undefined, context));
    return 0;
  });
}

/** `83`, `0x83`, `83h` or `b0`; undefined: everything. */
function pageOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(?:0x)?([0-9a-f]{1,2})h?$/i.exec(text);
  if (match === null) throw new UserError(`\`${text}\` is no page: write its code in hexadecimal, such as 83 or b0.`);
  return Number.parseInt(match[1]!, 16);
}

const code = (page: number): string => `${page.toString(16).padStart(2, '0').toUpperCase()}h`;

function inspectionText(found: UnitInspection, raw: boolean, onlyPage: boolean, context: CommandContext): string {
  const { bold, dim } = context.outColors;
  let text = '';
  const section = (title: string, fields: Words, bytes: Uint8Array | undefined): void => {
    text += `${text === '' ? '' : '\n'}${bold(title)}\n`;
    if (raw && bytes !== undefined)
      text += dumpLines(bytes)
        .map((line) => `  ${line}\n`)
        .join('');
    else text += fieldLines(fields, dim);
  };
  if (!onlyPage) {
    section('Standard INQUIRY', standardWords(found), found.standardBytes);
    if (found.capacity !== undefined) section('Capacity', capacityWords(found), undefined);
  }
  for (const page of found.pages) {
    const words = pageWords(page);
    // What nobody here can read is shown as it is.
    const known = words !== undefined && words.fields.length > 0;
    text += `${text === '' ? '' : '\n'}${bold(`${words?.name ?? vpdPageName(page[1]!)} (${code(page[1]!)})`)}\n`;
    text +=
      raw || !known
        ? dumpLines(page)
            .map((line) => `  ${line}\n`)
            .join('')
        : fieldLines(words.fields, dim);
  }
  if (onlyPage) return text;
  if (found.portGroups !== undefined)
    section(
      'Target port groups',
      found.portGroups.map(({ group, state, preferred, ports }) => [
        `group ${group}`,
        `${state}${preferred ? ', preferred' : ''}, ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')}`,
      ]),
      undefined,
    );
  for (const page of found.modes?.pages ?? [])
    if (page.fields.length > 0 || raw) section(`${page.name} (mode page ${code(page.page)})`, page.fields, page.bytes);
  return text;
}

function fieldLines(fields: Words, dim: (text: string) => string): string {
  const width = Math.max(0, ...fields.map(([label]) => plainLine(label).length));
  return fields.map(([label, value]) => `  ${dim(plainLine(label).padEnd(width))}  ${plainLine(value)}\n`).join('');
}

function pageWords(page: Uint8Array): PageWords | undefined {
  try {
    return describeVpdPage(page);
  } catch {
    return undefined; // A page that contradicts itself: its bytes are shown.
  }
}

/** VERSION (SPC-5 table 143). */
const VERSIONS: Readonly<Record<number, string>> = { 0x03: 'SPC', 0x04: 'SPC-2', 0x05: 'SPC-3', 0x06: 'SPC-4', 0x07: 'SPC-5' };
const ACCESS = ['not reported', 'implicit', 'explicit', 'implicit and explicit'];

function standardWords({ inquiry }: UnitInspection): Words {
  return [
    ['type', `${deviceTypeText(inquiry.deviceType)}${inquiry.removable ? ', removable' : ''}`],
    ['vendor', inquiry.vendor],
    ['product', inquiry.product],
    ['revision', inquiry.revision],
    ['standard', VERSIONS[inquiry.version] ?? (inquiry.version === 0 ? 'none claimed' : `version ${code(inquiry.version)}`)],
    ['asymmetric access (TPGS)', ACCESS[inquiry.targetPortGroups]!],
  ];
}

function capacityWords({ capacity, modes }: UnitInspection): Words {
  const { blocks, blockBytes, physicalBlocks, thin, unmappedReadsZeros } = capacity!;
  const words: (readonly [string, string])[] = [
    ['size', `${sizeText(blocks * blockBytes)} (${(blocks * blockBytes).toLocaleString('en')} bytes)`],
    ['blocks', `${blocks.toLocaleString('en')} of ${blockBytes} bytes`],
    ['physical block', `${blockBytes * physicalBlocks} bytes`],
    ['provisioning', thin ? `thin${unmappedReadsZeros ? ', unmapped blocks read as zeros' : ''}` : 'full'],
  ];
  if (modes !== undefined) {
    words.push(['write-protected', modes.writeProtected ? 'yes' : 'no']);
    words.push(['FORCE UNIT ACCESS', modes.forceUnitAccess ? 'yes' : 'no']);
  }
  return words;
}

const fieldsJson = (fields: Words): Record<string, string | string[]> => {
  const out: Record<string, string | string[]> = {};
  for (const [label, value] of fields) {
    const before = out[label];
    out[label] = before === undefined ? value : [before, value].flat();
  }
  return out;
};

function inspectionJson(found: UnitInspection): Record<string, unknown> {
  return {
    lun: found.lun,
    inquiry: { ...found.inquiry, bytes: hex(found.standardBytes) },
    ...(found.capacity === undefined ? {} : { capacity: { ...found.capacity, bytes: found.capacity.blocks * found.capacity.blockBytes } }),
    pages: found.pages.map((page) => {
      const words = pageWords(page);
      return {
        page: code(page[1]!),
        name: words?.name ?? vpdPageName(page[1]!),
        fields: fieldsJson(words?.fields ?? []),
        bytes: hex(page),
      };
    }),
    ...(found.portGroups === undefined ? {} : { portGroups: found.portGroups }),
    ...(found.modes === undefined
      ? {}
      : {
          writeProtected: found.modes.writeProtected,
          modePages: found.modes.pages.map(({ page, subpage, name, fields, bytes }) => ({
            page: code(page),
            ...(subpage === 0 ? {} : { subpage: code(subpage) }),
            name,
            fields: fieldsJson(fields),
            bytes: hex(bytes),
          })),
        }),
  };
}
