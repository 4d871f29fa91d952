/** Short fabrics for the examples of the rules. */

const indent = (text: string, columns: number): string => text.trimEnd().replace(/\n/g, `\n${' '.repeat(columns)}`);

export const EXAMPLE_TARGET = 'iqn.2026-01.net.example:disk1';

/** A fabric of one array with these keys. */
export const arrayExample = (keys: string): string => `version: 1\nname: example\narrays:\n  array1:\n    ${indent(keys, 4)}\n`;

/** A fabric of one array with one target of these keys. */
export const targetExample = (keys: string, portals = '127.0.0.1:3260'): string =>
  arrayExample(`portals: ["${portals}"]\ntargets:\n  ${EXAMPLE_TARGET}:\n    ${indent(keys, 4)}`);

/** A fabric of one array with one target with one LUN of these keys. */
export const lunExample = (keys: string): string => targetExample(`luns:\n  0: { ${keys} }`);
