/** What a dialect is: how a product is told its settings, what it prints of them, and how one sees that they took effect. */
import type { Fabric } from '../../fabric/model.ts';
import type { Path } from '../../fabric/problem.ts';
import type { Setting, SettingValue } from './setting.ts';

export type NodeKind = 'host' | 'array' | 'switch';

/** A node of the declaration with all that is said of it. */
export interface DeclaredNode {
  readonly fabric: Fabric;
  readonly name: string;
  readonly kind: NodeKind;
  readonly settings: readonly Setting[];
}

/** One line to type, in the order they are to be typed. */
export interface Command {
  readonly text: string;
  /** The setting's place in the declaration; undefined for lines that only lead there (`configure terminal`, `exit`). */
  readonly from: Path | undefined;
  /** What a reader has to know before typing it: a reboot, a value that stands for a secret. */
  readonly note?: string;
}

/** A command that shows whether the settings took effect, and what it should print: texts that must stand in its output, in this order. */
export interface Verification {
  readonly command: string;
  readonly expect: readonly string[];
}

/** A file that holds settings, where typing would not keep them (`/etc/network/interfaces`, a saveconfig.json). */
export interface RenderedFile {
  readonly path: string;
  readonly text: string;
}

export interface Rendering {
  readonly commands: readonly Command[];
  readonly verification: readonly Verification[];
  readonly files: readonly RenderedFile[];
  /** Settings that the dialect has no words for, or that the product can't have; each is shown to the reader. */
  readonly unsaid: readonly { readonly setting: Setting; readonly why: string }[];
}

/** A line that was not understood: kept and shown, never dropped. */
export interface UnknownLine {
  readonly line: number;
  readonly text: string;
  /** Why, where more can be said than that nobody knows it. */
  readonly why?: string;
}

/** Input that is not what it should be at all. */
export interface ReadingError {
  readonly line: number;
  readonly message: string;
}

export interface Reading {
  /** The device's own name where the output has it. */
  readonly node: string | undefined;
  readonly kind: NodeKind;
  readonly settings: readonly Setting[];
  readonly unknown: readonly UnknownLine[];
  readonly errors: readonly ReadingError[];
  /** Whether this output would show the setting if it were set: only then its absence means anything. */
  covers(key: readonly string[]): boolean;
  /** What holds where the output says nothing of a covered setting; undefined: it is not set. */
  defaultOf(key: readonly string[]): SettingValue | undefined;
  /** The adapter in its settings that the output itself does not name: it may be any of the host's. */
  readonly unnamedAdapter?: string;
  /** A declared setting as this output spells it, where ports have several names (`Ethernet1/1` and `1/1`). */
  spelled?(setting: Setting): Setting;
}

export interface ReadContext {
  readonly file: string;
  /** What the reader was told that the output does not say: the adapter port that `mlnx_qos -i p1` was asked about. */
  readonly port: string | undefined;
}

/** A kind of output of a product: a running configuration, or what one command prints. */
export interface OutputKind {
  /** The command: `show running-config`, `mlnx_qos -i PORT`. */
  readonly name: string;
  /** The first lines of a text look like it: 0 (no) to 1 (surely). */
  recognise(text: string): number;
  /** Never throws because of the text. */
  read(text: string, context: ReadContext): Reading;
}

export interface Dialect {
  /** As in `--as`. */
  readonly name: string;
  /** The product and version that the syntax was written for, and the document it is from. */
  readonly product: string;
  readonly source: string;
  readonly kinds: readonly NodeKind[];
  /** The operating system of the machines that it is for; undefined: it is for none in particular. */
  readonly system?: 'linux' | 'windows' | 'esxi';
  /** Whether it has words for a setting. */
  says(key: readonly string[]): boolean;
  emit(node: DeclaredNode): Rendering;
  readonly outputs: readonly OutputKind[];
}
