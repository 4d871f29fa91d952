/** A host or an array on the wire: its ports and addresses, connections, neighbours, routes. */
import type { MachineReport, NicReport } from '../../../src/server/page.ts';
import { bitRateText, bytesText, countText, nanosText } from '../ui/format.ts';
import { Facts, Fold, Section } from '../ui/parts.tsx';
import { Table } from '../ui/table.tsx';
import { ToneWords } from '../ui/tone.tsx';

export const MachineSections = ({ report }: { readonly report: MachineReport }): React.JSX.Element => (
  <>
    <Section title="Ports" count={report.ports.length}>
      {report.ports.map((port) => (
        <Nic key={port.port} nic={port} />
      ))}
    </Section>
    <Fold title="TCP connections" count={report.connections.length}>
      <Table
        label="TCP connections"
        rows={report.connections}
        rowKey={({ local, remote }) => `${local} ${remote}`}
        empty="No connections."
        shownMax={50}
        columns={[
          {
            key: 'remote',
            heading: 'To',
            value: ({ remote }) => remote,
            cell: ({ remote, local, state, congestionControl }) => (
              <span className="two-lines" title={`${local} to ${remote}, ${congestionControl}`}>
                <span>{remote}</span>
                <span className="muted">{state}</span>
              </span>
            ),
          },
          {
            key: 'bytes',
            heading: 'Sent, received',
            align: 'right',
            value: ({ bytesSent }) => bytesSent,
            cell: ({ bytesSent, bytesReceived }) => (
              <span className="two-lines">
                <span>{bytesText(bytesSent)}</span>
                <span>{bytesText(bytesReceived)}</span>
              </span>
            ),
          },
          {
            key: 'time',
            heading: 'Round trip, window',
            align: 'right',
            value: ({ roundTripNanos }) => roundTripNanos,
            cell: ({ roundTripNanos, congestionWindowBytes }) => (
              <span className="two-lines">
                <span>{nanosText(roundTripNanos)}</span>
                <span>{bytesText(congestionWindowBytes)}</span>
              </span>
            ),
          },
        ]}
      />
      <TcpFacts report={report} />
    </Fold>
    <Fold title="Neighbours" count={report.neighbors.length}>
      <Table
        label="Neighbours"
        rows={report.neighbors}
        rowKey={(one) => `${one.interface} ${one.address}`}
        empty="None were asked for yet."
        columns={[
          { key: 'address', heading: 'Address', value: ({ address }) => address, cell: ({ address }) => address },
          { key: 'mac', heading: 'MAC', value: ({ mac }) => mac ?? '', cell: ({ mac }) => <code>{mac ?? '–'}</code> },
          { key: 'state', heading: 'State', value: ({ state }) => state, cell: ({ state }) => state },
        ]}
      />
    </Fold>
    <Fold title="Routes" count={report.routes.length}>
      <Table
        label="Routes"
        rows={report.routes}
        rowKey={(one) => `${one.to} ${one.via ?? ''} ${one.interface}`}
        empty="No routes."
        columns={[
          { key: 'to', heading: 'To', value: ({ to }) => to, cell: ({ to }) => to },
          { key: 'via', heading: 'Via', value: ({ via }) => via ?? '', cell: ({ via }) => via ?? 'on the link' },
          { key: 'interface', heading: 'Interface', value: (one) => one.interface, cell: (one) => one.interface },
        ]}
      />
    </Fold>
    {report.leases.length > 0 && (
      <Fold title="DHCP leases" count={report.leases.length}>
        <Table
          label="DHCP leases"
          rows={report.leases}
          rowKey={({ address }) => address}
          empty=""
          columns={[
            { key: 'address', heading: 'Address', value: ({ address }) => address, cell: ({ address }) => address },
            { key: 'mac', heading: 'MAC', value: ({ mac }) => mac, cell: ({ mac }) => <code>{mac}</code> },
            {
              key: 'left',
              heading: 'Left',
              align: 'right',
              value: ({ secondsLeft }) => secondsLeft,
              cell: ({ secondsLeft }) => `${secondsLeft} s`,
            },
          ]}
        />
      </Fold>
    )}
  </>
);

const Nic = ({ nic }: { readonly nic: NicReport }): React.JSX.Element => (
  <div className="card">
    <div className="card-head">
      <h4>{nic.port}</h4>
      <ToneWords tone={nic.carrier ? 'good' : nic.rateBitsPerSecond === undefined ? 'idle' : 'bad'}>
        {nic.rateBitsPerSecond === undefined ? 'nothing plugged in' : nic.carrier ? bitRateText(nic.rateBitsPerSecond) : 'no carrier'}
      </ToneWords>
    </div>
    <p className="muted mono">{nic.mac}</p>
    {nic.interfaces.map((one) => (
      <div key={one.interface} className="interface">
        <p>
          {one.interface === nic.port ? '' : `${one.interface} `}
          {one.vlan === undefined ? '' : `VLAN ${one.vlan} `}
          {one.addresses.map(({ address, leased }) => (leased ? `${address} (leased)` : address)).join(', ') || 'no address'}
          <span className="muted">, MTU {one.mtuBytes}</span>
        </p>
        <p className="muted figures-line">
          in {bytesText(one.counters.bytesIn)}, {countText(one.counters.framesIn)} frames; out {bytesText(one.counters.bytesOut)},{' '}
          {countText(one.counters.framesOut)} frames
          {one.counters.dropsOut === 0 ? '' : `; ${countText(one.counters.dropsOut)} dropped without a carrier`}
          {one.counters.malformed === 0 ? '' : `; ${countText(one.counters.malformed)} malformed`}
        </p>
      </div>
    ))}
  </div>
);

const TcpFacts = ({ report: { counters, timeWaits } }: { readonly report: MachineReport }): React.JSX.Element => {
  const { tcp } = counters;
  return (
    <Facts
      facts={[
        ['Segments in, out', `${countText(tcp.inSegments)}, ${countText(tcp.outSegments)}`],
        ['Sent again', countText(tcp.retransmittedSegments)],
        ['Timeouts', countText(tcp.timeouts)],
        ['Resets sent', countText(tcp.outResets)],
        ['Waiting to close', String(timeWaits)],
      ]}
    />
  );
};
