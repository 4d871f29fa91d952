/** What a rule is: something that must hold between the parts of a fabric, with an example of a fabric that breaks it and one that keeps it. */
import type { Fabric } from '../fabric/model.ts';
import type { Path, ProblemSeverity } from '../fabric/problem.ts';

/** What there is to tell of a rule. */
export interface RuleStory {
  /** For life: documented, searched for, never used again for something else. */
  readonly id: string;
  /** In kebab-case, as its file is called. */
  readonly name: string;
  readonly severity: ProblemSeverity;
  readonly title: string;
  /** Why it matters: what would happen otherwise. */
  readonly meaning: string;
  readonly remedy: string;
  /** What happens in life when nobody mends it: the symptom that an engineer sees. */
  readonly ignored: string;
  /** Where it comes from: titles of guides (`sources.ts`), standards with their clause. */
  readonly source: readonly string[];
  readonly examples: {
    /** A fabric in which this rule finds something, and no other rule does but those in `also`. */
    readonly fail: string;
    /** The same, mended: no rule finds anything. */
    readonly pass: string;
    /** Ids of rules that can't be kept where this one is broken. */
    readonly also?: readonly string[];
  };
}

export interface Rule extends RuleStory {
  check(fabric: Fabric): readonly Finding[];
}

export interface Finding {
  /** The value to point at. For one that is missing: where it would be. */
  readonly at: Path;
  readonly message: string;
  readonly remedy: string;
  /** For something that is missing: the thing it is missing from, whose key is shown. */
  readonly missingFrom?: Path;
  readonly related?: readonly { readonly at: Path; readonly message: string }[];
  /** The one value that this and other findings come from: they are shown together, under it. */
  readonly cause?: Path;
  /** Places that it rests on besides: where something in them could not be read, there is no finding. */
  readonly restsOn?: readonly Path[];
}
