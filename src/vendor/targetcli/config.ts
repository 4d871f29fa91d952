/** LIO's configuration as its outputs tell it; `undefined` is what an output does not tell. */
import { isMistake } from '../../fabric/parsed.ts';
import { parseListenAddress } from '../../fabric/address.ts';
import { addressText } from '../core/declared-storage.ts';

export interface LioConfig {
  /** By `fileio/disk1`. */
  readonly stores: Map<string, LioStore>;
  readonly targets: Map<string, LioTarget>;
  discovery: (LioChap & { enabled: boolean; line: number }) | undefined;
}

export interface LioStore {
  readonly plugin: string;
  readonly name: string;
  readonly line: number;
  path: string | undefined;
  sizeBytes: number | undefined;
  serial: string | undefined;
  readOnly: boolean;
  blockBytes: number | undefined;
  thin: boolean | undefined;
}

export interface LioTarget {
  readonly name: string;
  readonly line: number;
  /** By tag. */
  readonly groups: Map<number, LioGroup>;
}

/** A target portal group. */
export interface LioGroup {
  readonly tag: number;
  readonly line: number;
  enabled: boolean;
  /** By address with port. */
  readonly portals: Map<string, LioPortal>;
  readonly luns: Map<number, LioLun>;
  readonly acls: Map<string, LioAcl>;
  authentication: boolean;
  generateAcls: boolean;
  demoWriteProtect: boolean;
  alias: { readonly text: string; readonly line: number } | undefined;
  chap: LioChap;
}

export interface LioPortal {
  readonly line: number;
  iser: boolean;
}

export interface LioLun {
  readonly line: number;
  readonly store: string;
}

export interface LioAcl {
  readonly initiator: string;
  readonly line: number;
  readonly mapped: Map<number, LioMapped>;
  /** Undefined: as the group has it. */
  authentication: boolean | undefined;
  chap: LioChap;
}

export interface LioMapped {
  readonly line: number;
  readonly lun: number;
  readonly writeProtect: boolean;
}

/** Whose secrets there are; the secrets themselves are read over. */
export interface LioChap {
  user?: string;
  /** Whose it is, where something stands for it; '' where it is there. */
  secret?: string;
  mutualUser?: string;
  mutualSecret?: string;
}

/** What stands for a secret: the shell of targetcli takes no blanks. */
export function placeholder(source: string): string {
  const name = source.slice(source.indexOf(':') + 1).replace(/[^A-Za-z0-9_./-]/g, '-');
  return source.startsWith('env:') ? `<secret-of-${name}>` : `<secret-in-${name}>`;
}

/** Never the secret itself. */
export function sourceOf(written: string): string {
  const match = /^<secret-(of|in)-([A-Za-z0-9_./-]{1,255})>$/.exec(written);
  return match === null ? '' : `${match[1] === 'of' ? 'env' : 'file'}:${match[2]!}`;
}

export const newGroup = (tag: number, line: number): LioGroup => ({
  tag,
  line,
  enabled: true,
  portals: new Map(),
  luns: new Map(),
  acls: new Map(),
  authentication: false,
  generateAcls: false,
  demoWriteProtect: true,
  alias: undefined,
  chap: {},
});

export const newAcl = (initiator: string, line: number): LioAcl => ({
  initiator,
  line,
  mapped: new Map(),
  authentication: undefined,
  chap: {},
});

/** `192.0.2.1:3260`, `[2001:db8::1]:3260`, or undefined. */
export function portalText(host: string, port: number): string | undefined {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  const parsed = parseListenAddress(bare.includes(':') ? `[${bare}]:${port}` : `${bare}:${port}`);
  return isMistake(parsed) ? undefined : addressText({ host: parsed.value.host, port });
}

/** TargetAlias of targets that nobody gave one. */
export const DEFAULT_ALIAS = 'LIO Target';
