/** Words that can't be secrets: those of the schema, numbers with units, addresses, names that storage networks have. */
import { schemaWords } from './schema-cursor.ts';

const FORMS: readonly RegExp[] = [
  /^[+-]?\d{1,5}(?:\.\d{1,4})?$/,
  /^\d{1,9}(?:\.\d{1,4})?\s?(?:%|[KMGTPE]i?(?:B|b|bit)?|B|ns|us|ms|s|m|h|d|km)$/,
  // Addresses, with prefix or port.
  /^\d{1,3}(?:\.\d{1,3}){3}(?:[/:]\d{1,5})?$/,
  /^\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\]?(?:[/:]\d{1,5})?$/i,
  /^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i,
  /^(?:[0-9a-f]{2}:){7}[0-9a-f]{2}$/i,
  // RFC 7143 §4.2.7: names of iSCSI nodes.
  /^iqn\.\d{4}-\d{2}\.[a-z0-9.-]{1,128}(?::[a-z0-9:._-]{1,64})?$/i,
  /^eui\.[0-9a-f]{16}$/i,
];

export const isHarmless = (written: string): boolean => {
  const { keys, values } = schemaWords();
  return written === '' || keys.has(written) || values.has(written) || FORMS.some((form) => form.test(written));
};
