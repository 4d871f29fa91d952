/** Writes docs/events.md from the declarations of events: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import type { DeclaredEvent } from '../src/base/event.ts';
import { type EventRange, type RangeOfKinds, rangesOfKinds } from '../src/cli/event-kinds.ts';

export const EVENTS_PAGE = 'docs/events.md';

const INTRODUCTION = `# Events

<!-- made by \`npm run docs\`, do not edit -->

Everything worth telling a person while a fabric is up is one event. It has

- a **number** and a **name**, for life: they are never used again for something else, so that they can be searched for and filtered by;
- a **severity**: \`error\` (something does not work, and stays so until somebody acts or what it depends on is back), \`warning\` (something is not as it
  should be, and what is above it goes on), \`info\` (something changed, as it does), \`debug\` (for tracing one component; shown only where it is asked for);
- a **source**: which thing of the fabric it concerns, as a path from the outside in;
- a **message** for people, made from its **data**, which is for programs. Fields of the data keep their names and units; there may be more of them one day.

While the fabric runs, each event also has a time and a sequence number, which counts from 1 without gaps: whoever has seen one knows what is missing. The latest
10,000 are kept. They are seen

- in the terminal of \`samewire up\`, without those of severity \`debug\`;
- with \`samewire events\` from another terminal: \`samewire events -f --severity debug --source esx1\` traces a component while it runs;
- as JSON lines, with \`samewire up --json\` on standard output and with \`samewire up --log FILE\` in a file, which \`samewire events --log FILE\` reads again;
- on the page, and from the API: \`GET /api/events\`, and \`/api/event-kinds\` for what is on this page; the WebSocket \`/api/feed\` brings them as they come;
- counted by kind in \`/metrics\`;
- in the bundle of \`samewire support\`.

\`samewire events --explain 1311\` tells one kind in a terminal, \`samewire events --kinds\` lists them all.

A line of the log is one JSON object; \`level\` is the severity, \`event\` the name, \`id\` the number:

\`\`\`json
{"level":"warning","time":"2026-01-15T09:30:00.000Z","sequence":57,"id":1311,"event":"link-down","source":"esx1:nic0 - tor1:1","data":{"link":"esx1:nic0 - tor1:1","why":"it was cut"},"message":"the link esx1:nic0 - tor1:1 is down: it was cut"}
\`\`\`
`;

const OFFLOAD = `Numbers 2104 to 2121 are 2100 and the number that the same event has in the log of Marvell's offload iSCSI driver for Windows (Users Guide
BC0054508-00 rev. R, table 11-5), which is \`number\` in their data; so runbooks for such adapters apply. Their severity is that of the table, where all are errors, and \`dump\`
is what the driver's dump data has: what the peer sent, or the CDB. The words are Samewire's own.
`;

const INITIATOR_FIRST = 2100;

export const eventsPage = (): string => {
  const ranges = rangesOfKinds().filter(({ kinds }) => kinds.length > 0);
  return `${INTRODUCTION}\n${ranges.map(table).join('\n')}\n${ranges.map(stories).join('\n')}`;
};

const table = ({ title, kinds }: RangeOfKinds): string =>
  `**[${title}](#${anchorOf(title)})**\n\n| event | name | severity | what is told, for example |\n|---|---|---|---|\n${kinds.map(row).join('')}`;

const row = ({ id, name, severity, message }: DeclaredEvent): string =>
  `| [${id}](#event-${id}) | ${name} | ${severity} | ${message.replaceAll('|', '\\|')} |\n`;

/** As those who show Markdown make an anchor of a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

const stories = (range: RangeOfKinds): string =>
  `## ${range.title}\n\n${range.first === INITIATOR_FIRST ? `${OFFLOAD}\n` : ''}${range.kinds.map((kind) => story(kind, range)).join('\n')}`;

const story = (
  { id, name, severity, message, story: { means, remedy, source, example } }: DeclaredEvent,
  range: EventRange,
): string => `### Event ${id}

**${name}** (${severity}). ${means}
${remedy === undefined ? '' : `\n- What to do: ${remedy}`}
- Source: ${source === undefined ? range.source : sourceText(source)}
- Data: \`${JSON.stringify(example)}\`
- Message: ${message}
`;

/** A path is shown as it is written, words are words. */
const sourceText = (source: string): string => (/^\S+$/.test(source) ? `\`${source}\`` : source);

export function main(): void {
  writeFileSync(EVENTS_PAGE, eventsPage());
}
