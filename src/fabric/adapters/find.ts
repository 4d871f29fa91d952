/** Adapter models by key or by the name people write. */
import { mistake, type Parsed } from '../parsed.ts';
import { suggest } from '../suggest.ts';
import type { AdapterModel } from './adapter-model.ts';
import { chelsioModels } from './chelsio.ts';
import { mellanoxModels } from './mellanox.ts';
import { qlogicModels } from './qlogic.ts';
import { virtualModels } from './virtual.ts';

export const adapterModels: readonly AdapterModel[] = [...chelsioModels, ...mellanoxModels, ...qlogicModels, ...virtualModels];

/** All that a model answers to: its key, its names, and its names with the vendor in front. */
export const namesOfModel = (model: AdapterModel): readonly string[] => {
  const written = [model.name, ...(model.otherNames ?? [])];
  return [model.key, ...written, ...written.map((name) => `${model.vendor} ${name}`)];
};

const plain = (text: string): string => text.trim().toLowerCase().replace(/\s+/g, ' ');

const byName = new Map(adapterModels.flatMap((model) => namesOfModel(model).map((name) => [plain(name), model] as const)));

/** The model with this key or name, in any case; otherwise what is wrong, with the model that was probably meant. */
export function findAdapterModel(text: string): Parsed<AdapterModel> {
  const model = byName.get(plain(text));
  if (model !== undefined) return { value: model };
  const near = suggest(text, [...byName.keys()]);
  const meant = near === undefined ? undefined : byName.get(near);
  return mistake(
    `\`${text}\` is not a model of adapter that is known here.`,
    meant === undefined
      ? 'Write a model such as `chelsio-t520-cr`, or `generic` for one that is not listed.'
      : `Did you mean \`${meant.key}\`? Write \`generic\` for a model that is not listed.`,
  );
}
