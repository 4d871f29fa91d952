/** The way between views where one thing is shown at a time. */
import { Icon } from '../ui/icons.tsx';
import { SHORT_NAMES, type View, VIEWS } from './views.ts';

export const BottomBar = ({ view, onView }: { readonly view: View; readonly onView: (view: View) => void }): React.JSX.Element => (
  <nav className="bottom-bar" aria-label="Views">
    {VIEWS.map((one) => (
      <button key={one} type="button" aria-current={one === view ? 'page' : undefined} onClick={() => onView(one)}>
        <Icon name={one} size={20} />
        {SHORT_NAMES[one]}
      </button>
    ))}
  </nav>
);
