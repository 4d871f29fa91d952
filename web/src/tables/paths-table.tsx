/** Paths of hosts to their disks, by host and device. */
import { Fragment, useMemo, useState } from 'react';
import { PathSwitch } from '../actions/host-actions.tsx';
import { useHosts } from '../live/index.ts';
import type { Select } from '../shell/selection.ts';
import { countText, some, wholeText } from '../ui/format.ts';
import { filtered } from '../ui/order.ts';
import { ToneWords } from '../ui/tone.tsx';
import { NodeButton } from './node-button.tsx';
import { groupWords, type PathGroup, pathGroups, pathRows } from './path-rows.ts';
import { pathTone } from './path-tone.ts';

const GROUPS_STEP = 40;

export const PathsTable = ({ words, onSelect }: { readonly words: string; readonly onSelect: Select }): React.JSX.Element => {
  const hosts = useHosts();
  const [most, setMost] = useState(GROUPS_STEP);
  const all = useMemo(() => pathRows(hosts), [hosts]);
  const groups = useMemo(
    () =>
      pathGroups(
        filtered(all, words, ({ host, device, path }) =>
          [host, device, path.path, path.state, path.target, path.address, path.inUse ? 'in use' : ''].join(' '),
        ),
      ),
    [all, words],
  );
  if (groups.length === 0)
    return (
      <div className="empty">
        {hosts.length === 0 ? (
          <p>No host of this fabric has an iSCSI adapter, so there are no paths of its own.</p>
        ) : (
          <p>{all.length === 0 ? 'No host has found a disk yet.' : 'No path has all of these words.'}</p>
        )}
      </div>
    );
  return (
    <div className="table-scroll" role="region" aria-label="Paths" tabIndex={0}>
      <table>
        <caption className="unseen">Paths by host and device</caption>
        <thead>
          <tr>
            <th scope="col">Path</th>
            <th scope="col">State</th>
            <th scope="col" className="wide-only">
              Access
            </th>
            <th scope="col">Portal</th>
            <th scope="col" className="right">
              Commands
            </th>
            <th scope="col" className="right">
              Action
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.slice(0, most).map((group) => (
            <Group key={group.key} group={group} onSelect={onSelect} />
          ))}
        </tbody>
      </table>
      {groups.length > most && (
        <p className="more">
          {wholeText(most)} of {some(groups.length, 'device')} shown{' '}
          <button type="button" className="small" onClick={() => setMost(most + 2 * GROUPS_STEP)}>
            Show more
          </button>
        </p>
      )}
    </div>
  );
};

const Group = ({
  group: { host, device, paths },
  onSelect,
}: {
  readonly group: PathGroup;
  readonly onSelect: Select;
}): React.JSX.Element => (
  <Fragment>
    <tr className="group">
      <th scope="rowgroup" colSpan={6}>
        <NodeButton node={host} onSelect={onSelect} /> <span className="name">{device}</span>{' '}
        <span className="muted">{groupWords(paths)}</span>
      </th>
    </tr>
    {paths.map((path) => (
      <tr key={path.path}>
        <td data-label="Path">{path.path}</td>
        <td data-label="State" title={path.reason}>
          <span className="two-lines">
            <ToneWords tone={pathTone(path)}>
              {path.state}
              {path.inUse ? ', in use' : ''}
            </ToneWords>
            {path.reason !== undefined && <span className="muted">{path.reason}</span>}
          </span>
        </td>
        <td className="wide-only" data-label="Access">
          {path.access ?? '–'}
          {path.preferred ? ', preferred' : ''}
        </td>
        <td data-label="Portal">{path.address}</td>
        <td className="right" data-label="Commands">
          {countText(path.commands)}
        </td>
        <td className="right" data-label="Action">
          <PathSwitch host={host} device={device} path={path} />
        </td>
      </tr>
    ))}
  </Fragment>
);
