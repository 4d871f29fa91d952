/** The vendors' words as a library: `samewire/vendor`. */
export { declaredNode, declaredNodes } from './core/declared.ts';
export { type Difference, differences } from './core/diff.ts';
export type {
  Command,
  DeclaredNode,
  Dialect,
  NodeKind,
  OutputKind,
  ReadContext,
  Reading,
  ReadingError,
  RenderedFile,
  Rendering,
  UnknownLine,
  Verification,
} from './core/dialect.ts';
export { keyText, type Origin, type Setting, type SettingValue, valueText } from './core/setting.ts';
export { dialectOf, DIALECTS } from './dialects.ts';
export { compare } from './import/compare.ts';
export { gather, type Gathered, type GatheredNode, type Given } from './import/gather.ts';
export { type Recognised, recognise } from './recognise.ts';
