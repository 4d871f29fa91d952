/** Paths of a fabric file that mean the same file, in the same words. */
import { besideFile } from '../fabric/plan.ts';

/** `a/./b`, `a//b` and `a/c/../b` are `a/b`. */
export function plainPath(path: string): string {
  const parts: string[] = [];
  for (const [index, part] of besideFile('', path).split(/[/\\]/).entries()) {
    if (part === '.' || (part === '' && index > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
