/** Moves a portal group of an array to another access state. */
import { useState } from 'react';
import type { NodeDetail } from '../../../src/server/page.ts';
import { live } from '../live/index.ts';
import { ActionButton } from './action-button.tsx';

type Group = NodeDetail['groups'][number];

export const ACCESS_WORDS = {
  'active-optimized': 'active/optimized',
  'active-nonoptimized': 'active/non-optimized',
  standby: 'standby',
  unavailable: 'unavailable',
} as const;

type Access = keyof typeof ACCESS_WORDS;

const isAccess = (text: string | undefined): text is Access => text !== undefined && text in ACCESS_WORDS;

export const GroupAccess = ({ array, group }: { readonly array: string; readonly group: Group }): React.JSX.Element => {
  const present = isAccess(group.access) ? group.access : undefined;
  const [chosen, setChosen] = useState<Access>();
  const access = chosen ?? present ?? 'active-optimized';
  const name = `portal group ${group.group}`;
  return (
    <div className="group-access">
      <select
        aria-label={`Access state of ${name}`}
        value={access}
        onChange={({ target }) => setChosen(isAccess(target.value) ? target.value : undefined)}
      >
        {Object.entries(ACCESS_WORDS).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
      <ActionButton
        small
        label={`Move ${name}`}
        senseless={access === present ? `The group is ${ACCESS_WORDS[access]}: choose another state first.` : undefined}
        confirm={
          access === 'standby' || access === 'unavailable'
            ? {
                title: `Move ${name} of ${array} to ${ACCESS_WORDS[access]}?`,
                text: (
                  <p>Reads and writes by its portals are refused from then on: hosts move to another path, or wait where there is none.</p>
                ),
              }
            : undefined
        }
        act={async () => {
          await live.api.post('/api/arrays/access', { array, group: group.group, access });
          setChosen(undefined);
          return `Portal group ${group.group} of ${array} is ${ACCESS_WORDS[access]}; every initiator is told.`;
        }}
      >
        Move
      </ActionButton>
    </div>
  );
};
