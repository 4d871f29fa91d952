/** A host's adapters with their targets, and its devices with their paths. */
import type { AdapterReport, DeviceReport, HostReport, HostTargetReport, PathReport } from '../../../src/server/page.ts';
import { AdapterReset, PathSwitch } from '../actions/host-actions.tsx';
import type { Tone } from '../live/index.ts';
import { bytesText, shortName, wholeText } from '../ui/format.ts';
import { Section } from '../ui/parts.tsx';
import { ToneWords } from '../ui/tone.tsx';
import { pathTone } from '../tables/path-tone.ts';

export const HostSections = ({ host }: { readonly host: HostReport }): React.JSX.Element => (
  <>
    <Section title="Adapters" count={host.adapters.length}>
      {host.adapters.map((adapter) => (
        <Adapter key={adapter.adapter} host={host.host} adapter={adapter} />
      ))}
    </Section>
    <Section title="Devices" count={host.devices.length}>
      {host.devices.length === 0 && <p className="muted">No disks: no session has found any yet.</p>}
      {host.devices.map((device) => (
        <Device key={device.device} host={host.host} device={device} />
      ))}
    </Section>
  </>
);

const Adapter = ({ host, adapter }: { readonly host: string; readonly adapter: AdapterReport }): React.JSX.Element => (
  <div className="card">
    <div className="card-head">
      <h4>{adapter.adapter}</h4>
      <AdapterReset host={host} adapter={adapter.adapter} />
    </div>
    <p className="muted name">{adapter.initiator}</p>
    <ul className="plain">
      {adapter.targets.map((target) => (
        <li key={`${target.id} ${target.address}`}>
          <ToneWords tone={sessionTone(target)}>
            {target.id} {shortName(target.target)} at {target.address}: {target.session.state.replace('-', ' ')}
            {target.session.reason === undefined ? '' : `. ${target.session.reason}`}
          </ToneWords>
        </li>
      ))}
    </ul>
  </div>
);

function sessionTone({ session: { state } }: HostTargetReport): Tone {
  if (state === 'logged-in') return 'good';
  return state === 'waiting' ? 'bad' : state === 'logged-out' ? 'idle' : 'busy';
}

const Device = ({ host, device }: { readonly host: string; readonly device: DeviceReport }): React.JSX.Element => (
  <div className="card">
    <h4 className="name">{device.device}</h4>
    <p className="muted">
      {device.vendor} {device.product}
      {device.bytes === undefined ? '' : `, ${bytesText(device.bytes)}`}
      {device.thin ? ', thin' : ''}
    </p>
    <ul className="plain">
      {device.paths.map((path) => (
        <Path key={path.path} host={host} device={device.device} path={path} />
      ))}
    </ul>
  </div>
);

const Path = ({ host, device, path }: { readonly host: string; readonly device: string; readonly path: PathReport }): React.JSX.Element => (
  <li className="path">
    <div>
      <ToneWords tone={pathTone(path)}>
        {path.path.replace(`${path.adapter}:`, '')} {path.state}
        {path.inUse ? ', in use' : ''}
      </ToneWords>
      <span className="muted">
        {path.address}, {wholeText(path.commands)} commands
        {path.reason === undefined ? '' : `. ${path.reason}`}
      </span>
    </div>
    <PathSwitch host={host} device={device} path={path} />
  </li>
);
