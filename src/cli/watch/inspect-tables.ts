/** Tables of LUNs, sessions and what is plugged in, as `samewire inspect` shows them of a fabric and of a node. */
import type { Colors } from 'picocolors/types.js';
import { formatSize } from '../../fabric/size.ts';
import type { NetworkAnswer } from '../../server/api/network.ts';
import type { SessionState, UnitState } from '../../server/view/state.ts';
import { paintedTable } from '../painted-table.ts';
import { sessionOrigin, unitTone } from './columns.ts';
import { countText, megabytesText } from './figures.ts';

/** A blank line between. */
export const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n');

export const unitTable = (units: readonly UnitState[], colors: Colors): string =>
  paintedTable(
    ['array', 'target', 'LUN', 'store', 'size', 'reads', 'writes', 'r/s', 'w/s', 'MB/s'],
    units.map((unit) => ({
      cells: [
        unit.array,
        unit.target,
        String(unit.lun),
        unit.store,
        formatSize(unit.bytes),
        countText(unit.readCommands),
        countText(unit.writeCommands),
        countText(unit.readsPerSecond),
        countText(unit.writesPerSecond),
        megabytesText(unit.readBytesPerSecond + unit.writtenBytesPerSecond),
      ],
      tone: unitTone(unit),
    })),
    colors,
    [2, 4, 5, 6, 7, 8, 9],
  );

/** `most`: of the rest it says how many there are. */
export function sessionTable(sessions: readonly SessionState[], most: number, colors: Colors): string {
  const shown = sessions.slice(0, most);
  const table = paintedTable(
    ['array', 'target', 'initiator', 'origin', 'login'],
    shown.map((one) => ({
      cells: [one.array, one.target ?? '(discovery)', one.initiator, sessionOrigin(one), one.authentication],
      tone: 'good',
    })),
    colors,
  );
  return sessions.length <= most ? table : `${table}... and ${sessions.length - most} more sessions, with --all\n`;
}

/** What is published, and what can be plugged in, with what to type at the other end. */
export function worldText({ published, attached }: Pick<NetworkAnswer, 'published' | 'attached'>, { bold, cyan, green }: Colors): string {
  const lines = [
    ...published.map(({ listen, to, host }) => `${bold(listen)} leads to ${to}, from ${host}`),
    ...attached.flatMap(({ port, to, present, hints }) =>
      present
        ? [`${bold(port)}: ${to}: ${green('present')}`]
        : [`${bold(port)}: ${to}: nobody there; at the other end:`, ...hints.map((hint) => `  ${cyan(hint)}`)],
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
