/** Data Center Bridging in the words of Onyx: PFC, trust, classes and how they are served, ECN, and the buffers of advanced mode. */
import { sameValue, type Setting, valueText } from '../core/setting.ts';
import { type Book, isTrue, listOf, numberOf, textOf } from '../running-config/book.ts';
import type { Target } from './targets.ts';
import { ECN_UNIT_BYTES, TRUST_WORDS } from './words.ts';

/** What the switch has once for all ports. */
export function emitGlobalDcb(book: Book, targets: readonly Target[]): void {
  const lists = [book.peek('dcb', 'pfc'), ...targets.map(({ place, name }) => book.peek(place, name, 'dcb', 'pfc'))];
  const sources = new Map<number, Setting>();
  for (const list of lists)
    for (const priority of listOf(list?.value)) if (!sources.has(Number(priority))) sources.set(Number(priority), list!);
  const priorities = [...sources.keys()].toSorted((one, other) => one - other);
  const [first] = priorities;
  if (first !== undefined) {
    book.line('dcb priority-flow-control enable force', sources.get(first));
    for (const priority of priorities) book.line(`dcb priority-flow-control priority ${priority} enable`, sources.get(priority));
  }
  const whole = book.get('dcb', 'pfc');
  if (whole !== undefined && !sameValue(whole.value, priorities))
    book.refuse(whole, `Onyx has one list of priorities for all ports: those of all of them together, [${priorities.join(', ')}].`);
  for (const { place, name } of targets) {
    const list = book.peek(place, name, 'dcb', 'pfc');
    if (list !== undefined && listOf(list.value).length > 0 && !sameValue(list.value, priorities))
      book.refuse(
        list,
        `Onyx has one list of priorities for all ports, here [${priorities.join(', ')}], and each port has all of them or none.`,
      );
  }
  const buffer = targets.flatMap(({ place, name }) =>
    (place === 'ports' ? book.names(place, name, 'dcb', 'buffers') : []).map((one) =>
      book.peek(place, name, 'dcb', 'buffers', one, 'direction'),
    ),
  )[0];
  if (buffer !== undefined)
    book.line('advanced buffer management force', buffer, 'Sets all buffers of the switch back before those that follow are set.');
}

export function emitDcb(book: Book, one: Target): void {
  const { place, name, interface: target } = one;
  /** Undefined where a member has it from its aggregation: then that has said it. */
  const own = (...tail: readonly string[]): Setting | undefined => {
    const setting = book.get(place, name, 'dcb', ...tail);
    const outer = one.group === undefined ? undefined : book.peek('aggregations', one.group, 'dcb', ...tail);
    return setting !== undefined && outer !== undefined && sameValue(setting.value, outer.value) ? undefined : setting;
  };
  const line = (words: string, from: Setting): void => book.line(`interface ${target} ${words}`, from);
  const names = (...tail: readonly string[]) => book.names(place, name, 'dcb', ...tail);

  const dcbx = book.get(place, name, 'dcb', 'dcbx');
  if (dcbx !== undefined && !(dcbx.value === (isTrue(book.peek('lldp')) ? 'ieee' : 'none')))
    book.refuse(dcbx, 'With LLDP Onyx speaks the IEEE version of DCBX by default, without LLDP none; another choice is not written here.');
  const pfc = own('pfc');
  if (pfc !== undefined && !book.isRefused(pfc))
    line(listOf(pfc.value).length > 0 ? 'dcb priority-flow-control mode on force' : 'no dcb priority-flow-control mode force', pfc);
  const trust = own('trust');
  if (trust !== undefined) line(`qos trust ${TRUST_WORDS[trust.value as keyof typeof TRUST_WORDS]}`, trust);
  for (const dscp of names('dscp')) {
    const priority = own('dscp', dscp);
    if (priority !== undefined) line(`qos map dscp ${dscp} to switch-priority ${textOf(priority)!}`, priority);
  }
  for (const number of names('classes')) {
    const priorities = own('classes', number, 'priorities');
    if (priorities !== undefined)
      if (listOf(priorities.value).length > 0)
        line(`traffic-class ${number} bind switch-priority ${listOf(priorities.value).join(' ')}`, priorities);
      else book.refuse(priorities, 'A class without priorities is one that all of them were bound away from: the other classes say it.');
    const bandwidth = own('classes', number, 'bandwidth');
    const strict = own('classes', number, 'strict');
    if (strict !== undefined) line(`traffic-class ${number} dcb ets strict`, strict);
    if (bandwidth !== undefined)
      if (strict === undefined && numberOf(bandwidth)! > 0) line(`traffic-class ${number} dcb ets wrr ${textOf(bandwidth)!}`, bandwidth);
      else book.refuse(bandwidth, strict === undefined ? 'Weights are from 1 to 100.' : 'A strict class has no share.');
    const label = book.get(place, name, 'dcb', 'classes', number, 'name');
    if (label !== undefined) book.refuse(label, 'Classes have no names on Onyx.');
  }
  for (const number of names('marks')) emitMark(book, one, number, line, own);
  // Buffers are those of ports: members of a port-channel have their own.
  if (place === 'ports') for (const buffer of names('buffers')) emitBuffer(book, one, buffer, line);
}

function emitMark(book: Book, { place, name }: Target, number: string, line: Line, own: Own): void {
  const min = own('marks', number, 'min');
  const max = own('marks', number, 'max');
  const probability = book.get(place, name, 'dcb', 'marks', number, 'probability');
  if (probability !== undefined && probability.value !== 100)
    book.refuse(probability, 'From the upper threshold on every frame is marked.');
  if (min === undefined || max === undefined) return;
  const [least, most] = [min, max].map((one) => numberOf(one)! / ECN_UNIT_BYTES) as [number, number];
  if (Number.isInteger(least) && Number.isInteger(most)) {
    line(`traffic-class ${number} congestion-control ecn minimum-absolute ${least} maximum-absolute ${most}`, min);
    return;
  }
  for (const one of [min, max]) book.refuse(one, `Thresholds are whole kilobytes (${ECN_UNIT_BYTES} bytes).`);
}

type Line = (words: string, from: Setting) => void;
type Own = (...tail: readonly string[]) => Setting | undefined;

/** As in the manual: `iPort.pg0` to `iPort.pg7` for frames that came in, `ePort.tc0` to `ePort.tc7` for those that wait to go out. */
function emitBuffer(book: Book, { place, name }: Target, buffer: string, line: Line): void {
  const key = (part: string) => book.get(place, name, 'dcb', 'buffers', buffer, part);
  const [direction, priorities, lossless, pool, reserved, xoff, xon, alpha] = [
    'direction',
    'priorities',
    'lossless',
    'pool',
    'reserved',
    'xoff',
    'xon',
    'alpha',
  ].map(key);
  const isIngress = direction?.value === 'ingress';
  const refuse = (why: string): void => book.refuseBelow([place, name, 'dcb', 'buffers', buffer], why);
  if (!(isIngress ? /^iPort\.pg[0-7]$/ : /^ePort\.tc[0-7]$/).test(buffer))
    return refuse('Onyx calls buffers iPort.pg0 to iPort.pg7 (ingress) and ePort.tc0 to ePort.tc7 (egress).');
  if (reserved === undefined || alpha === undefined) return refuse('Onyx needs the reserved size and the alpha of a buffer.');
  if (isIngress && isTrue(lossless) && (xoff === undefined || xon === undefined))
    return refuse('Onyx needs the xoff and xon of a lossless buffer.');
  const size = `reserved ${textOf(reserved)!}`;
  const shared = `shared alpha ${textOf(alpha)!}`;
  if (!isIngress) {
    line(`egress-buffer ${buffer} map pool ${textOf(pool) ?? 'ePool0'} ${size} ${shared}`, reserved);
    if (isTrue(lossless)) book.refuse(lossless!, 'An egress buffer is of no kind: its pool is.');
    for (const one of [priorities, xoff, xon])
      if (one !== undefined) book.refuse(one, `An egress buffer has none: ${valueText(one.value)}.`);
    return;
  }
  const type = isTrue(lossless) ? `lossless ${size} xoff ${textOf(xoff)!} xon ${textOf(xon)!}` : `lossy ${size}`;
  line(`ingress-buffer ${buffer} map pool ${textOf(pool) ?? 'iPool0'} type ${type} ${shared}`, reserved);
  if (!isTrue(lossless)) for (const one of [xoff, xon]) if (one !== undefined) book.refuse(one, 'Only a lossless buffer has it.');
  if (priorities === undefined) return;
  if (listOf(priorities.value).length === 0) book.refuse(priorities, 'There is nothing to bind.');
  else for (const priority of listOf(priorities.value)) line(`ingress-buffer ${buffer} bind switch-priority ${priority}`, priorities);
}
