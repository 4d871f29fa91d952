/** Names a node, and shows it. */
import type { Select } from '../shell/selection.ts';

export const NodeButton = ({ node, onSelect }: { readonly node: string; readonly onSelect: Select }): React.JSX.Element => (
  <button type="button" className="link" onClick={() => onSelect({ kind: 'node', id: node })}>
    {node}
  </button>
);
