/** What can be done to a host: look for disks again, reset an adapter, switch a path off and on. */
import type { PathReport } from '../../../src/server/page.ts';
import { live } from '../live/index.ts';
import { ActionButton } from './action-button.tsx';

export const Rescan = ({ host }: { readonly host: string }): React.JSX.Element => (
  <ActionButton
    act={async () => {
      const { needsStart } = await live.api.post<{ readonly needsStart: readonly string[] }>('/api/hosts/rescan', { host });
      return [`${host} has looked for its disks again.`, ...needsStart].join(' ');
    }}
  >
    Rescan
  </ActionButton>
);

export const AdapterReset = ({ host, adapter }: { readonly host: string; readonly adapter: string }): React.JSX.Element => (
  <ActionButton
    small
    label={`Reset ${adapter}`}
    confirm={{
      title: `Reset ${adapter} of ${host}?`,
      text: (
        <p>
          All of its connections are lost at once. It logs in again by itself, and what was under way is sent again or moves to another
          path.
        </p>
      ),
    }}
    act={async () => {
      await live.api.post('/api/hosts/reset', { host, adapter });
      return `${adapter} of ${host} was reset.`;
    }}
  >
    Reset
  </ActionButton>
);

interface PathSwitchProps {
  readonly host: string;
  readonly device: string;
  readonly path: PathReport;
}

export const PathSwitch = ({ host, device, path }: PathSwitchProps): React.JSX.Element => {
  const isOff = path.state === 'off';
  const state = isOff ? 'active' : 'off';
  return (
    <ActionButton
      small
      label={`Switch ${isOff ? 'on' : 'off'} ${path.path}`}
      confirm={
        isOff || !path.inUse
          ? undefined
          : {
              title: `Switch ${path.path} off?`,
              text: <p>Commands go by it now: they move to another path, or wait where there is none.</p>,
            }
      }
      act={async () => {
        await live.api.post('/api/hosts/path', { host, device, path: path.path, state });
        return `The path ${path.path} of ${host} is switched ${isOff ? 'on' : 'off'}.`;
      }}
    >
      {isOff ? 'Switch on' : 'Switch off'}
    </ActionButton>
  );
};
