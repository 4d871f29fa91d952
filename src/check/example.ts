/** Short fabrics for the examples of the rules. */

/** Lines behind the first begin in this column. */
export const indent = (text: string, columns: number): string => text.trimEnd().replace(/\n/g, `\n${' '.repeat(columns)}`);

/** All lines of it below a key, or nothing. */
export const below = (text: string, columns: number): string => (text === '' ? '' : `\n${' '.repeat(columns)}${indent(text, columns)}`);

export const EXAMPLE_TARGET = 'iqn.2026-01.net.example:disk1';

/** A fabric of these keys. */
export const fabricExample = (keys: string): string => `version: 1\nname: example\n${keys.trimEnd()}\n`;

/** A fabric of one array with these keys. */
export const arrayExample = (keys: string): string => fabricExample(`arrays:\n  array1:\n    ${indent(keys, 4)}`);

/** A fabric of a host with a port `nic0` of these settings at port 1 of a switch, which has these settings. */
export const uplinkExample = (nic: string, port: string): string =>
  fabricExample(
    `hosts:\n  esx1:\n    nics:\n      nic0: { ${nic} }\nswitches:\n  tor1:\n    ports:\n      1: { ${port} }\nlinks:\n  - [esx1:nic0, tor1:1]`,
  );

/** A fabric of one host with these keys. */
export const machineExample = (keys: string): string => fabricExample(`hosts:\n  esx1:\n    ${indent(keys, 4)}`);

/** A fabric of one array with one target of these keys. */
export const targetExample = (keys: string, portals = '127.0.0.1:3260'): string =>
  arrayExample(`portals: ["${portals}"]\ntargets:\n  ${EXAMPLE_TARGET}:\n    ${indent(keys, 4)}`);

/** A fabric of one array with one target with one LUN of these keys. */
export const lunExample = (keys: string): string => targetExample(`luns:\n  0: { ${keys} }`);

/** A fabric of that array, and one host with one adapter of these keys beside its name. */
export const hostExample = (adapter: string, array = EXAMPLE_ARRAY): string =>
  `${arrayExample(array)}hosts:\n  esx1:\n    iscsi:\n      vmhba64:\n        initiator: ${EXAMPLE_HOST}\n        ${indent(adapter, 8)}\n`;

export const EXAMPLE_HOST = 'iqn.1998-01.com.vmware:esx1';

/** An array with one portal, where one target of these keys can be logged in to. */
export const exampleArray = (target = '', more = ''): string =>
  `portals: ["127.0.0.1:3260"]\n${more}targets:\n  ${EXAMPLE_TARGET}:\n    luns: [{ store: memory, size: 64MiB }]${indent(target === '' ? '' : `\n${target}`, 4)}`;

const EXAMPLE_ARRAY = exampleArray();
