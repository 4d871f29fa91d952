/** A switch's ports with what they carry and count, its spanning tree, and the addresses it knows. */
import type { NodeDetail, SwitchPortReport, SwitchReport } from '../../../src/server/page.ts';
import type { Tone } from '../live/index.ts';
import { bitRateText, bytesText, countText } from '../ui/format.ts';
import { Facts, Fold, Section } from '../ui/parts.tsx';
import { Table } from '../ui/table.tsx';
import { ToneWords } from '../ui/tone.tsx';

type VlanSettings = SwitchPortReport['vlans'];

export interface SwitchSectionsProps {
  readonly report: SwitchReport;
  /** Ports that the world can be plugged into. */
  readonly attached: NodeDetail['attached'];
}

export const SwitchSections = ({ report, attached }: SwitchSectionsProps): React.JSX.Element => (
  <>
    <Section title="Ports" count={report.ports.length}>
      <Table
        label="Ports"
        rows={report.ports}
        rowKey={({ port }) => port}
        shownMax={64}
        empty="It has no ports."
        columns={[
          {
            key: 'port',
            heading: 'Port',
            value: ({ port }) => port,
            cell: (port) => (
              <span className="two-lines">
                <span>
                  <ToneWords tone={isVacant(report, port, attached) ? 'idle' : portTone(port)}>{port.port}</ToneWords>
                </span>
                <span className="muted">
                  {port.rateBitsPerSecond === undefined
                    ? 'empty'
                    : port.carrier
                      ? bitRateText(port.rateBitsPerSecond).replace('b/s', '')
                      : 'down'}
                </span>
              </span>
            ),
          },
          {
            key: 'vlans',
            heading: 'VLANs, tree',
            value: ({ vlans }) => vlanWords(vlans),
            cell: (port) => (
              <span className="two-lines">
                <span>{vlanWords(port.vlans)}</span>
                <span className="muted">{port.held === undefined ? treeWords(port) : `held: ${port.held}`}</span>
              </span>
            ),
          },
          {
            key: 'bytes',
            heading: 'In, out',
            align: 'right',
            value: ({ counters }) => counters.ifInOctets + counters.ifOutOctets,
            cell: ({ counters }) => (
              <span className="two-lines">
                <span>{bytesText(counters.ifInOctets)}</span>
                <span>{bytesText(counters.ifOutOctets)}</span>
              </span>
            ),
          },
          {
            key: 'drops',
            heading: 'Lost, bad',
            align: 'right',
            value: ({ counters }) => counters.ifInDiscards + counters.ifOutDiscards + counters.ifInErrors,
            cell: ({ counters }) => (
              <span className="two-lines" title={dropWords(counters)}>
                <span>{countText(counters.ifInDiscards + counters.ifOutDiscards)}</span>
                <span>{countText(counters.ifInErrors)}</span>
              </span>
            ),
          },
        ]}
      />
    </Section>
    {report.spanningTree !== undefined && (
      <Section title="Spanning tree">
        <Facts
          facts={[
            ['Bridge', <code key="bridge">{report.spanningTree.bridge}</code>],
            ['Root', report.spanningTree.rootPort === undefined ? 'this bridge' : <code key="root">{report.spanningTree.root}</code>],
            ['Root port', report.spanningTree.rootPort],
            ['Cost to root', String(report.spanningTree.rootPathCost)],
            ['Topology changes', String(report.spanningTree.topologyChanges)],
          ]}
        />
      </Section>
    )}
    <Fold title="Neighbours" count={report.neighbors.length}>
      <Table
        label="Neighbours by LLDP"
        rows={report.neighbors}
        rowKey={({ port, chassis, remotePort }) => `${port} ${chassis} ${remotePort}`}
        empty="No neighbour has said who it is."
        columns={[
          { key: 'port', heading: 'Port', value: ({ port }) => port, cell: ({ port }) => port },
          {
            key: 'system',
            heading: 'System',
            value: ({ system, chassis }) => system ?? chassis,
            cell: ({ system, chassis }) => system ?? chassis,
          },
          { key: 'remote', heading: 'Its port', value: ({ remotePort }) => remotePort, cell: ({ remotePort }) => remotePort },
        ]}
      />
    </Fold>
    <Fold title="Addresses" count={report.addresses.length}>
      <Table
        label="Addresses learned"
        rows={report.addresses}
        rowKey={({ vlan, mac }) => `${vlan} ${mac}`}
        empty="No address was learned."
        columns={[
          { key: 'mac', heading: 'MAC', value: ({ mac }) => mac, cell: ({ mac }) => <code>{mac}</code> },
          { key: 'vlan', heading: 'VLAN', align: 'right', value: ({ vlan }) => vlan, cell: ({ vlan }) => vlan },
          { key: 'port', heading: 'Port', value: ({ port }) => port, cell: ({ port }) => port },
          {
            key: 'age',
            heading: 'Age',
            align: 'right',
            value: ({ ageSeconds }) => ageSeconds,
            cell: ({ ageSeconds }) => `${ageSeconds} s`,
          },
        ]}
      />
    </Fold>
  </>
);

/** Nobody is plugged in, which is nothing to worry about. */
const isVacant = ({ switch: name }: SwitchReport, { port }: SwitchPortReport, attached: NodeDetail['attached']): boolean =>
  attached.some((one) => one.port === `${name}:${port}` && !one.present);

export function portTone({ rateBitsPerSecond, carrier, state, held }: SwitchPortReport): Tone {
  if (rateBitsPerSecond === undefined) return 'idle';
  if (!carrier || held !== undefined) return 'bad';
  return state === 'forwarding' ? 'good' : state === 'learning' ? 'busy' : 'idle';
}

const treeWords = ({ state, role }: SwitchPortReport): string => (role === undefined || role === 'disabled' ? state : `${state}, ${role}`);

export function vlanWords(vlans: VlanSettings): string {
  if (vlans.mode === 'access') return String(vlans.vlan);
  if (vlans.mode === 'trunk') return `trunk ${ranges(vlans.allowed)}${vlans.native === 0 ? '' : `, native ${vlans.native}`}`;
  const parts = [vlans.untagged.join(','), vlans.tagged.length === 0 ? '' : `tagged ${ranges(vlans.tagged)}`].filter((part) => part !== '');
  return parts.join(', ') || 'none';
}

const ranges = (list: readonly { readonly first: number; readonly last: number }[]): string =>
  list.some(({ first, last }) => first <= 1 && last >= 4094)
    ? 'all'
    : list.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(',');

/** Causes that have happened. */
function dropWords(counters: SwitchPortReport['counters']): string {
  const causes: readonly (readonly [string, number])[] = [
    ['too long', counters.dot3StatsFrameTooLongs],
    ['wrong VLAN', counters.dot1qPortVlanStatisticsInDiscards],
    ['port does not forward', counters.blockedDiscards],
    ['storm limit', counters.stormDiscards],
    ['out', counters.ifOutDiscards],
    ['errors', counters.ifInErrors],
  ];
  return causes
    .filter(([, count]) => count > 0)
    .map(([cause, count]) => `${cause}: ${count}`)
    .join(', ');
}
