/** Portal groups of an array: by which portals, and in which state of access (ALUA). */
import type { NodeDetail } from '../../../src/server/page.ts';
import { ACCESS_WORDS, GroupAccess } from '../actions/group-access.tsx';
import type { Tone } from '../live/index.ts';
import { ToneWords } from '../ui/tone.tsx';

type Group = NodeDetail['groups'][number];

export const GroupList = ({ array, groups }: { readonly array: string; readonly groups: readonly Group[] }): React.JSX.Element => (
  <ul className="plain">
    {groups.map((group) => (
      <li key={group.group} className="group">
        <div>
          <span className="name">
            {group.group} <ToneWords tone={toneOf(group)}>{wordsOf(group)}</ToneWords>
          </span>
          <span className="muted">{group.portals.join(', ')}</span>
        </div>
        <GroupAccess array={array} group={group} />
      </li>
    ))}
  </ul>
);

function wordsOf({ access, preferred }: Group): string {
  const words = access === undefined ? 'LUNs differ' : access in ACCESS_WORDS ? ACCESS_WORDS[access as keyof typeof ACCESS_WORDS] : access;
  return preferred ? `${words}, preferred` : words;
}

function toneOf({ access }: Group): Tone {
  if (access === 'active-optimized') return 'good';
  if (access === 'unavailable' || access === 'offline') return 'bad';
  return access === 'transitioning' ? 'busy' : 'idle';
}
