/** Logical units with what is going on at each. */
import type { UnitState } from '../../../src/server/page.ts';
import { byteRateText, bytesText, countText, latencyText, shortName } from '../ui/format.ts';
import { type Column, Table } from '../ui/table.tsx';

const COLUMNS: readonly Column<UnitState>[] = [
  {
    key: 'unit',
    heading: 'LUN',
    value: (unit) => `${unit.array} ${unit.target} ${unit.lun}`,
    cell: (unit) => (
      <span className="two-lines" title={unit.target}>
        <span>{unit.lun}</span>
        <span className="muted">{bytesText(unit.bytes)}</span>
      </span>
    ),
  },
  {
    key: 'read',
    heading: 'Read',
    align: 'right',
    value: (unit) => unit.readBytesPerSecond,
    cell: (unit) => <TwoFigures above={byteRateText(unit.readBytesPerSecond)} below={`${countText(unit.readsPerSecond)}/s`} />,
  },
  {
    key: 'written',
    heading: 'Written',
    align: 'right',
    value: (unit) => unit.writtenBytesPerSecond,
    cell: (unit) => <TwoFigures above={byteRateText(unit.writtenBytesPerSecond)} below={`${countText(unit.writesPerSecond)}/s`} />,
  },
  {
    key: 'latency',
    heading: 'Mean, p99',
    align: 'right',
    value: (unit) => unit.p99Nanos,
    cell: (unit) => <TwoFigures above={latencyText(unit.meanNanos)} below={latencyText(unit.p99Nanos)} />,
  },
];

const WITH_ARRAY: readonly Column<UnitState>[] = [
  {
    ...COLUMNS[0]!,
    cell: (unit) => (
      <span className="two-lines" title={unit.target}>
        <span>
          {unit.array} / {unit.lun}
        </span>
        <span className="muted">
          {shortName(unit.target)}, {bytesText(unit.bytes)}
        </span>
      </span>
    ),
  },
  ...COLUMNS.slice(1),
];

export const UnitList = ({
  units,
  withArray = false,
}: {
  readonly units: readonly UnitState[];
  readonly withArray?: boolean;
}): React.JSX.Element => (
  <Table
    label="Logical units"
    rows={units}
    columns={withArray ? WITH_ARRAY : COLUMNS}
    rowKey={(unit) => `${unit.array} ${unit.target} ${unit.lun}`}
    empty="No logical units."
    shownMax={20}
  />
);

const TwoFigures = ({ above, below }: { readonly above: string; readonly below: string }): React.JSX.Element => (
  <span className="two-lines">
    <span>{above}</span>
    <span className="muted">{below}</span>
  </span>
);
