/** `samewire capture` and the commands of `samewire network`: names, options, help. What they do is in the file of each. */
import type { Command } from 'commander';
import { capture } from '../capture.ts';
import { type CommandContext, UserError } from '../context.ts';
import { positiveNumber, wholeNumber } from '../iscsi/options.ts';
import type { Run } from '../iscsi/program.ts';
import { PING_BYTES_MAX, PING_WAIT_SECONDS_MAX } from '../../server/api/network.ts';
import { probability, setDelay, setFaults, setLink } from './links.ts';
import { ping, trace } from './ping.ts';
import { show } from './show.ts';

const WHERE = 'the fabric file (may be left out where one fabric is up), then';
const PORT = `${WHERE} a node and its port, such as tor1:1`;
const FROM_TO = `${WHERE} a host or array, and an address or another of them`;
/** What a mistaken command is told that it takes. */
const ONE_PORT = 'a node and its port, such as tor1:1';
const TWO_HOSTS = 'a host or array, and whom it pings';
const PING_BYTES = 56;
const HOPS_MAX = 255;

export function addNetworkCommands(program: Command, context: CommandContext, run: Run): void {
  program
    .command('capture')
    .description('everything that passes a port of a fabric that is up, as pcapng for Wireshark')
    .usage('[options] [file] <node:port>')
    .argument('[file node:port...]', PORT)
    .option('-w, --write <file>', 'to a file or a FIFO (default: standard output)')
    .option('-c, --count <number>', 'end after so many frames (default: at Ctrl-C)', wholeNumber(1, 1e12))
    .option('--headers-only', 'frames are cut behind their headers: nothing of what people sent is kept')
    .addHelpText(
      'after',
      examples(
        'samewire capture fabrics/rack.yaml array1:eth0 | wireshark -k -i -',
        'samewire capture fabrics/rack.yaml tor1:9 -w vm1.pcapng',
        'samewire capture tor1:1 --count 100 | tshark -r -',
      ),
    )
    .action(run((words: string[], options) => withPlace(words, 1, ONE_PORT, (file, [port]) => capture(file, port!, options, context))));

  const network = program
    .command('network')
    .description('look at the network of a fabric that is up, ping in it, cut its cables')
    .addHelpText(
      'after',
      examples(
        'samewire network show fabrics/rack.yaml',
        'samewire network show fabrics/rack.yaml tor1',
        'samewire network ping fabrics/rack.yaml esx1 array1',
        'samewire network cut fabrics/rack.yaml esx1:nic0',
        'samewire network fault fabrics/rack.yaml tor1:47 --loss 1%',
      ),
    );

  network
    .command('show')
    .description('machines, switches and links; of one node everything')
    .argument('[file]', 'the fabric file (may be left out where one fabric is up)')
    .argument('[node]', 'a host, an array or a switch')
    .option('--json', 'for programs: one JSON object, with all counters')
    .addHelpText(
      'after',
      examples(
        'samewire network show',
        'samewire network show fabrics/rack.yaml esx1',
        'samewire network show fabrics/rack.yaml --json | jq .links',
      ),
    )
    .action(run((file: string | undefined, node: string | undefined, options) => show(file, node, options, context)));

  addReachCommands(network, context, run);
  addLinkCommands(network, context, run);
}

const seconds = (text: string): number => Math.min(PING_WAIT_SECONDS_MAX, positiveNumber(text));

function addReachCommands(network: Command, context: CommandContext, run: Run): void {
  network
    .command('ping')
    .description('ping from a host or array of the fabric')
    .usage('[options] [file] <host> <address>')
    .argument('[file host address...]', FROM_TO)
    .option('-c, --count <number>', 'how many pings', wholeNumber(1, 1e9), 4)
    .option('-s, --size <bytes>', 'data of a ping', wholeNumber(0, PING_BYTES_MAX), PING_BYTES)
    .option('-W, --wait <seconds>', 'how long for each answer', seconds, 1)
    .option('--json', 'for programs: JSON lines')
    .addHelpText(
      'after',
      examples(
        'samewire network ping fabrics/rack.yaml esx1 array1',
        'samewire network ping fabrics/rack.yaml esx1 192.0.2.148 -s 8972 -c 1',
      ),
    )
    .action(
      run((words: string[], options) => withPlace(words, 2, TWO_HOSTS, (file, [host, to]) => ping(file, host!, to!, options, context))),
    );

  network
    .command('trace')
    .description('the way from a host or array of the fabric to an address, hop by hop')
    .usage('[options] [file] <host> <address>')
    .argument('[file host address...]', FROM_TO)
    .option('-m, --hops <number>', 'hops at most', wholeNumber(1, HOPS_MAX), 30)
    .option('-W, --wait <seconds>', 'how long for each answer', seconds, 1)
    .option('--json', 'for programs: JSON lines')
    .addHelpText('after', examples('samewire network trace fabrics/rack.yaml esx1 array1'))
    .action(
      run((words: string[], options) => withPlace(words, 2, TWO_HOSTS, (file, [host, to]) => trace(file, host!, to!, options, context))),
    );
}

function addLinkCommands(network: Command, context: CommandContext, run: Run): void {
  for (const [name, up, description] of [
    ['cut', false, 'cut the cable at a port: both ends lose their carrier'],
    ['mend', true, 'plug the cable at a port in again'],
  ] as const)
    network
      .command(name)
      .description(description)
      .usage('[options] [file] <node:port>')
      .argument('[file node:port...]', PORT)
      .option('--json', 'for programs: one JSON object')
      .addHelpText('after', examples(`samewire network ${name} fabrics/rack.yaml esx1:nic0`))
      .action(
        run((words: string[], options) => withPlace(words, 1, ONE_PORT, (file, [port]) => setLink(file, port!, up, options, context))),
      );

  network
    .command('fault')
    .description('what goes wrong from now on, both ways, on the link at a port; what is not named, does not')
    .usage('[options] [file] <node:port>')
    .argument('[file node:port...]', PORT)
    .option('--loss <probability>', 'frames that get lost, such as 1%', probability)
    .option('--corruption <probability>', 'frames in which bits are turned over', probability)
    .option('--duplication <probability>', 'frames that arrive twice', probability)
    .option('--reordering <probability>', 'frames that others overtake', probability)
    .option('--none', 'nothing goes wrong any more')
    .option('--json', 'for programs: one JSON object')
    .addHelpText(
      'after',
      examples('samewire network fault fabrics/rack.yaml tor1:47 --loss 1%', 'samewire network fault fabrics/rack.yaml tor1:47 --none'),
    )
    .action(run((words: string[], options) => withPlace(words, 1, ONE_PORT, (file, [port]) => setFaults(file, port!, options, context))));

  network
    .command('delay')
    .description('how long frames take from one end of the link at a port to the other, from now on, both ways')
    .usage('[options] [file] <node:port> <time>')
    .argument('[file node:port time...]', `${PORT}, and a time such as 5ms`)
    .option('--json', 'for programs: one JSON object')
    .addHelpText(
      'after',
      examples('samewire network delay fabrics/rack.yaml tor1:47 5ms', 'samewire network delay fabrics/rack.yaml tor1:47 500ns'),
    )
    .action(
      run((words: string[], options) =>
        withPlace(words, 2, 'a node and its port, and a time, such as tor1:1 5ms', (file, [port, time]) =>
          setDelay(file, port!, time!, options, context),
        ),
      ),
    );
}

/** So many words, and before them the fabric file, which may be left out. */
function withPlace(
  words: readonly string[],
  needed: number,
  what: string,
  action: (file: string | undefined, rest: readonly string[]) => Promise<number>,
): Promise<number> {
  if (words.length === needed) return action(undefined, words);
  if (words.length === needed + 1) return action(words[0], words.slice(1));
  throw new UserError(`This takes the fabric file and then ${what}; --help shows examples.`);
}

const examples = (...lines: readonly string[]): string => `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
