/** What is selected on the map, and what the panel therefore shows. */

export type Selection = { readonly kind: 'node'; readonly id: string } | { readonly kind: 'link'; readonly index: number };

export type Select = (selection: Selection | undefined) => void;
