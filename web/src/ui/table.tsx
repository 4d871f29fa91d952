/** A table that can be sorted by its headings; of many rows the first ones are drawn, and more when asked for. */
import { type ReactNode, useMemo, useState } from 'react';
import { type Order, ordered } from './order.ts';
import { wholeText } from './format.ts';

export interface Column<Row> {
  readonly key: string;
  readonly heading: string;
  /** What it is sorted by; undefined: it is not. */
  readonly value?: (row: Row) => string | number;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'right';
  /** Gives way first where there is little room. */
  readonly wideOnly?: boolean;
}

export interface TableProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowKey: (row: Row) => string;
  readonly rowClass?: (row: Row) => string | undefined;
  readonly order?: Order;
  readonly empty: ReactNode;
  readonly shownMax?: number;
}

const STEP = 100;

export function Table<Row>({
  label,
  rows,
  columns,
  rowKey,
  rowClass,
  order: first,
  empty,
  shownMax = STEP,
}: TableProps<Row>): React.JSX.Element {
  const [order, setOrder] = useState<Order | undefined>(first);
  const [most, setMost] = useState(shownMax);
  const valueOf = columns.find(({ key }) => key === order?.by)?.value;
  const sorted = useMemo(
    () => (order === undefined || valueOf === undefined ? rows : ordered(rows, valueOf, order.down)),
    [rows, order, valueOf],
  );
  if (rows.length === 0) return <div className="empty">{empty}</div>;
  return (
    <div className="table-scroll" role="region" aria-label={label} tabIndex={0}>
      <table>
        <caption className="unseen">{label}</caption>
        <thead>
          <tr>
            {columns.map(({ key, heading, value, align, wideOnly }) => (
              <th
                key={key}
                scope="col"
                className={classes(align, wideOnly)}
                aria-sort={order?.by === key ? (order.down ? 'descending' : 'ascending') : undefined}
              >
                {value === undefined ? (
                  heading
                ) : (
                  <button
                    type="button"
                    className="heading"
                    onClick={() => setOrder({ by: key, down: order?.by === key ? !order.down : align === 'right' })}
                  >
                    {heading}
                    <span className="order-mark" aria-hidden="true">
                      {order?.by === key ? (order.down ? '▾' : '▴') : ''}
                    </span>
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, most).map((row) => (
            <tr key={rowKey(row)} className={rowClass?.(row)}>
              {columns.map(({ key, heading, cell, align, wideOnly }) => (
                <td key={key} className={classes(align, wideOnly)} data-label={heading}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <p className="more">
          {wholeText(most)} of {wholeText(rows.length)} shown{' '}
          <button type="button" className="small" onClick={() => setMost(most + 2 * STEP)}>
            Show more
          </button>
        </p>
      )}
    </div>
  );
}

const classes = (align: 'right' | undefined, wideOnly: boolean | undefined): string | undefined =>
  [align, wideOnly === true ? 'wide-only' : undefined].filter(Boolean).join(' ') || undefined;
