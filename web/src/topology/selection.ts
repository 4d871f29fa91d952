/** What is chosen on the map. */
export type Selection = { readonly kind: 'node'; readonly id: string } | { readonly kind: 'link'; readonly index: number };

export const isSame = (one: Selection | undefined, other: Selection | undefined): boolean => keyOf(one) === keyOf(other);

export const keyOf = (selection: Selection | undefined): string =>
  selection === undefined ? '' : selection.kind === 'node' ? `node ${selection.id}` : `link ${selection.index}`;
