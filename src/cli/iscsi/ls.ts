/** `samewire iscsi ls`: targets and their logical units, with what each is. */
import type { FoundTarget } from '../../os/iscsi/index.ts';
import { deviceTypeText, listUnits, type ListedUnit } from '../../os/iscsi/inventory.ts';
import type { IscsiOptions } from '../../os/iscsi/index.ts';
import type { IscsiUrl } from '../../storage/iscsi/initiator/index.ts';
import type { CommandContext } from '../context.ts';
import { count, plainLine } from '../plain-text.ts';
import { targetJson } from './discover.ts';
import { explained, sentenceOf } from './failure.ts';
import { type ConnectionOptions, iscsiOptionsOf } from './options.ts';
import { placeOf, sessionAt, targetsAt } from './places.ts';
import { sizeText, tableLines } from './words.ts';

interface ListedTarget {
  readonly target: FoundTarget;
  readonly units: readonly ListedUnit[];
  /** Why there are none to show. */
  readonly error: unknown;
}

/** A code of 1 says that something could not be looked at; the rest is shown all the same. */
export function ls(where: string, options: ConnectionOptions, context: CommandContext): Promise<number> {
  return explained(async () => {
    const place = placeOf(where);
    const iscsi = iscsiOptionsOf(options, context);
    const targets = await targetsAt(place, where, iscsi);
    const listed: ListedTarget[] = [];
    for (const target of targets) {
      const one = await lookAt(target, place, iscsi);
      listed.push(one);
      if (options.json !== true) context.out(targetText(one, context));
    }
    if (options.json === true) context.out(`${JSON.stringify({ targets: listed.map(listedJson) })}\n`);
    else if (targets.length === 0) context.out('No targets: there are none, or none that this initiator may see.\n');
    else if (targets.length > 1) context.out(tally(listed));
    return listed.some(({ error, units }) => error !== undefined || units.some(({ problem }) => problem !== undefined)) ? 1 : 0;
  });
}

async function lookAt(target: FoundTarget, place: IscsiUrl, options: IscsiOptions): Promise<ListedTarget> {
  try {
    const session = await sessionAt(target, place, options);
    try {
      return { target, units: await listUnits(session, place.lun), error: undefined };
    } finally {
      await session.close();
    }
  } catch (error) {
    return { target, units: [], error };
  }
}

const tally = (listed: readonly ListedTarget[]): string => {
  const failed = listed.filter(({ error }) => error !== undefined).length;
  const units = listed.reduce((sum, one) => sum + one.units.length, 0);
  return `${count(listed.length, 'target')}, ${count(units, 'LUN')}${failed === 0 ? '' : `; ${count(failed, 'target')} could not be looked at`}.\n`;
};

const HEADINGS = ['LUN', 'size', 'block', 'type', 'vendor', 'product', 'serial'];

function targetText({ target, units, error }: ListedTarget, { outColors }: CommandContext): string {
  const { bold, dim, red } = outColors;
  let text = `${bold(plainLine(target.name))}\n`;
  if (error !== undefined) return `${text}  ${red(plainLine(sentenceOf(error)))}\n`;
  if (units.length === 0) return `${text}  ${dim('no LUNs')}\n`;
  const [head, ...rows] = tableLines([HEADINGS, ...units.map(unitCells)], [0, 1, 2]);
  text += `  ${dim(head!)}\n`;
  for (const [index, row] of rows.entries()) {
    text += `  ${row}\n`;
    const { problem } = units[index]!;
    if (problem !== undefined) text += `       ${red(plainLine(problem.message))}\n`;
  }
  return text;
}

function unitCells({ lun, identity, capacity }: ListedUnit): readonly string[] {
  if (identity === undefined) return [String(lun), '', '', '?', '', '', ''];
  const type = deviceTypeText(identity.inquiry.deviceType);
  const size = capacity === undefined ? '' : sizeText(capacity.blocks * capacity.blockBytes);
  const block = capacity === undefined ? '' : String(capacity.blockBytes);
  return [
    String(lun),
    size,
    block,
    capacity?.thin === true ? `thin ${type}` : type,
    identity.vendor,
    identity.product,
    identity.serial ?? '',
  ];
}

const listedJson = ({ target, units, error }: ListedTarget): Record<string, unknown> => ({
  ...targetJson(target),
  luns: units.map(unitJson),
  ...(error === undefined ? {} : { error: sentenceOf(error) }),
});

function unitJson({ lun, identity, capacity, problem }: ListedUnit): Record<string, unknown> {
  return {
    lun,
    ...(identity === undefined
      ? {}
      : {
          type: deviceTypeText(identity.inquiry.deviceType),
          vendor: identity.vendor,
          product: identity.product,
          revision: identity.revision,
          serial: identity.serial ?? null,
          name: identity.name ?? null,
        }),
    ...(capacity === undefined
      ? {}
      : { bytes: capacity.blocks * capacity.blockBytes, blocks: capacity.blocks, blockSize: capacity.blockBytes, thin: capacity.thin }),
    ...(problem === undefined ? {} : { error: problem.message }),
  };
}
