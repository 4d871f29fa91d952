/** What generators give: a declaration of one node, and how to get it again. */
import { stringify } from 'yaml';
import { loadDeclaration } from '../../fabric/load.ts';
import type { Fabric } from '../../fabric/model.ts';
import { declaredNode } from '../core/declared.ts';
import type { DeclaredNode } from '../core/dialect.ts';
import type { Written } from './pick.ts';

export interface Generated {
  readonly node: DeclaredNode;
  readonly fabric: Fabric;
  /** The whole fabric as a plain value, and as text. */
  readonly declaration: Written;
  yaml(): string;
  /** The call that makes it again. */
  readonly replay: string;
}

/** A generator that makes what the reader of fabric files refuses is broken: that is told here, with all that it takes to see why. */
export function generated(name: string, sections: Written, replay: string): Generated {
  const declaration = { version: 1, name: 'generated', ...sections };
  const yaml = (): string => stringify(declaration);
  const { fabric, problems } = loadDeclaration(declaration, 'generated');
  if (fabric === undefined)
    throw new Error(`${replay} is no fabric: ${problems.map(({ message, where }) => `${where}: ${message}`).join('\n')}\n${yaml()}`);
  return { node: declaredNode(fabric, name)!, fabric, declaration, yaml, replay };
}
