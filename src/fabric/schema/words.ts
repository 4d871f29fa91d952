/**
 * The words the schema is written in. Everywhere in it, the `error` of a type is a noun phrase that says what belongs there ("a size such
 * as `64MiB`"): the sentence around it is made in `explain.ts`, and the same phrase becomes the hover text in editors.
 */
import { z } from 'zod';
import { isMistake, type Parsed } from '../parsed.ts';

/** A mapping with exactly these keys. For an unknown key, the message lists the known ones, for the suggestion. */
export const mapping = <Shape extends z.ZodRawShape>(noun: string, shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : noun) });

/** What a reader refuses becomes an issue with the reader's own words. */
export function readBy<T>(parse: (written: T) => Parsed<unknown>) {
  return (written: T, context: z.core.$RefinementCtx<T>): void => {
    const parsed = parse(written);
    if (isMistake(parsed)) context.addIssue({ code: 'custom', message: parsed.wrong, params: { remedy: parsed.remedy } });
  };
}

export const text = (noun: string, parse: (written: string) => Parsed<unknown>) => z.string({ error: noun }).superRefine(readBy(parse));

/** Printable ASCII of a bounded length: SPC-5 §4.3.1 for what SCSI shows, and a good habit for names. */
export const ascii = (noun: string, lengthMax: number) =>
  z
    .string({ error: noun })
    .regex(/^[\x20-\x7e]*$/, { error: noun })
    .min(1, { error: noun })
    .max(lengthMax, { error: noun });

export const whole = (noun: string, least: number, most: number) =>
  z.number({ error: noun }).int({ error: noun }).min(least, { error: noun }).max(most, { error: noun });

export const choice = <const Values extends readonly string[]>(values: Values) => z.enum(values, { error: 'choice' });

export const yesNo = () => z.boolean({ error: '`true` or `false`' });

/** A mapping by name. The names are for `names.ts` to check: a bad one should not hide what stands behind it. */
export const named = <Value extends z.ZodType>(noun: string, value: Value) => z.record(z.string(), value, { error: noun });
