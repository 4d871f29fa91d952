/** `mlnx_qos -i PORT` of MLNX_OFED (from 4.2 on): DCBX, trust, DSCP, buffers, PFC and traffic classes of a port, whose name the output does not say. */
import type { OutputKind } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { tellApplication, tellClasses, tellDcbx, tellPfc } from './dcb-words.ts';

const AGENTS: Readonly<Record<string, 'host' | 'device'>> = { 'OS controlled': 'host', 'Firmware controlled': 'device' };

export const mlnxQos: OutputKind = {
  name: 'mlnx_qos -i PORT',
  recognise: (text) => (/^PFC configuration:/m.test(text.slice(0, 8000)) || /^DCBX mode: /m.test(text.slice(0, 400)) ? 1 : 0),
  read: (text, { file, port }) => {
    const { lines, errors } = splitLines(text);
    const found = new Found(file, errors);
    const ports = new Set<string>();
    for (const { nic, own } of sections(lines, port)) {
      if (nic === undefined) found.wrong(own[0]?.number ?? 1, 'The output does not say which port it is of: name the port (`--port`).');
      else {
        ports.add(nic);
        new Reader(found, nic).read(own);
      }
    }
    const covered = new Set(['dcbx', 'agents', 'trust', 'pfc', 'classes']);
    // Of DCBX it says who answers, not which version.
    covered.delete('dcbx');
    return found.reading(
      'host',
      ([section, nic, dcb, what]) => section === 'nics' && ports.has(nic ?? '') && dcb === 'dcb' && covered.has(what ?? ''),
    );
  },
};

/** In the log of a terminal the command stands before the output, perhaps for one port after the other. */
const ASKED = /^(?:[^#$>]{0,100}[#$>]\s*)?(?:sudo\s+)?mlnx_qos\s+-i\s*(\S{1,60})$/;

function sections(lines: readonly Line[], port: string | undefined): readonly { readonly nic: string | undefined; readonly own: Line[] }[] {
  const found: { nic: string | undefined; own: Line[] }[] = [{ nic: port, own: [] }];
  for (const line of lines) {
    const asked = ASKED.exec(line.text.trim())?.[1];
    if (asked === undefined) found.at(-1)!.own.push(line);
    else found.push({ nic: asked, own: [] });
  }
  return found.filter(({ own }, index) => own.some(({ text }) => text.trim() !== '') || (index === 0 && found.length === 1));
}

interface TrafficClass {
  readonly line: Line;
  readonly number: number;
  readonly algorithm: string;
  readonly bandwidth: number | undefined;
  readonly priorities: number[];
}

class Reader {
  readonly #found: Found;
  readonly #nic: string;
  readonly #classes: TrafficClass[] = [];
  #understood = 0;

  constructor(found: Found, nic: string) {
    this.#found = found;
    this.#nic = nic;
  }

  read(lines: readonly Line[]): void {
    for (const line of lines) {
      if (line.text.trim() === '') continue;
      if (this.#readLine(line, line.text.trim())) this.#understood += 1;
      else this.#found.unknown(line);
    }
    for (const one of this.#classes) tellClasses(this.#found, one.line.number, this.#nic, [one]);
    if (this.#understood === 0) this.#found.wrong(1, 'This is not what `mlnx_qos -i PORT` prints.');
  }

  #readLine(line: Line, text: string): boolean {
    const found = this.#found;
    const number = line.number;
    const agent = AGENTS[/^DCBX mode: (.{1,40})$/.exec(text)?.[1] ?? ''];
    if (agent !== undefined) {
      tellDcbx(found, number, this.#nic, { host: agent === 'host', device: agent === 'device', cee: false, ieee: false, isStatic: false });
      return true;
    }
    const trust = /^Priority trust state: (pcp|dscp)$/.exec(text)?.[1];
    if (trust !== undefined) {
      found.say(line, ['nics', this.#nic, 'dcb', 'trust'], trust, trust === 'pcp');
      return true;
    }
    const enabled = /^enabled\s+((?:[01]\s+){7}[01])$/.exec(text)?.[1];
    if (enabled !== undefined) {
      tellPfc(
        found,
        number,
        this.#nic,
        enabled.split(/\s+/).flatMap((on, priority) => (on === '1' ? [priority] : [])),
      );
      return true;
    }
    return this.#readDscp(number, text) || this.#readClass(line, text) || isKnown(text);
  }

  /** The usual map is that of the upper three bits. */
  #readDscp(line: number, text: string): boolean {
    const match = /^prio:([0-7]) dscp:([\d,]{1,300})$/.exec(text);
    if (match === null) return false;
    for (const written of match[2]!.split(',')) {
      if (written === '') continue;
      const dscp = Number(written);
      if (dscp > 63) return false;
      if (dscp >> 3 !== Number(match[1]))
        tellApplication(this.#found, line, this.#nic, { selector: 'dscp', number: dscp }, Number(match[1]));
    }
    return true;
  }

  #readClass(line: Line, text: string): boolean {
    const match = /^tc: ?([0-7]) ratelimit: [^,]{1,40}, tsa: (\w{1,16})(?:, bw: ?(\d{1,3})%)?$/.exec(text);
    if (match !== null) {
      this.#classes.push({
        line,
        number: Number(match[1]),
        algorithm: match[2]!,
        bandwidth: match[3] === undefined ? undefined : Number(match[3]),
        priorities: [],
      });
      return true;
    }
    const priority = /^priority:\s*([0-7])$/.exec(text)?.[1];
    if (priority === undefined || this.#classes.length === 0) return false;
    this.#classes.at(-1)!.priorities.push(Number(priority));
    return true;
  }
}

/** Titles, and what the adapter made of it: sizes of its buffers and the length of the cable that it reckons with. */
const isKnown = (text: string): boolean =>
  /^(?:dscp2prio mapping:|PFC configuration:|priority\s+0\s+1\s+2\s+3\s+4\s+5\s+6\s+7|buffer\s+[\d\s]{15,40}|Cable len: \d{1,4}|default priority:?|Receive buffer size \(bytes\): [\d,]{1,100}(?:(?:max_buffer|total)_size=\d{1,9},?)?|total_size=\d{1,9}|max_buffer_size=\d{1,9})$/.test(
    text,
  );
