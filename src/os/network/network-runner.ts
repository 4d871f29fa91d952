/** Runs the network of a fabric on the clock on the wall, with the world plugged in where the fabric says so. */
import { SECOND } from '../../base/clock.ts';
import { seededRng } from '../../base/rng.ts';
import { linkDelaySet, linkFaultsSet } from '../../device/events.ts';
import { formatAddress } from '../../fabric/address.ts';
import { type BuiltLink, buildNetwork } from '../../fabric/network/build.ts';
import { defaultMac } from '../../fabric/network/default-mac.ts';
import type { AttachmentPlan, AttachTarget, PortPlace, SocketPlace } from '../../fabric/network/plan.ts';
import { flap } from '../../runtime/flapping.ts';
import { NO_FAULTS } from '../../runtime/link-faults.ts';
import type { Link } from '../../runtime/link.ts';
import { formatIp, parseAddress } from '../../wire/ip/address.ts';
import { pacedClock } from '../paced-clock.ts';
import { attach, attachHints, type AttachSettings } from '../ports/attach.ts';
import type { DatagramAddress } from '../ports/datagrams.ts';
import { systemRng } from '../system-rng.ts';
import { adapterLinks } from './adapter-links.ts';
import { captures } from './captures.ts';
import { type AttachmentReport, linkReport } from './link-report.ts';
import { PortSplice } from './port-splice.ts';
import { publish, publishedTo } from './publish.ts';
import { type AttachedReady, DELAY_NANOS_MAX, linkText, type PublishedReady, placeText, type StartNetwork } from './running-network.ts';
import { dialOver, listenOn } from './stack-sockets.ts';

export const startNetwork: StartNetwork = async (plan, { events }) => {
  const clock = pacedClock();
  const network = buildNetwork(plan, { clock, events, rng: systemRng });
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  const splices = new Map<string, PortSplice>();
  const attached: AttachedReady[] = [];
  const attachments: (() => AttachmentReport)[] = [];
  const flapping = new Map<Link, () => void>();
  const published: PublishedReady[] = [];
  const links = adapterLinks(network, clock, events);
  closers.push(() => clock.stop());
  closers.push(() => {
    for (const machine of network.machines) machine.stop();
    for (const one of network.switches) one.stop();
  });
  for (const machine of network.machines) for (const adapter of machine.adapters) adapter.start();
  try {
    for (const attachment of plan.attachments) {
      const port = network.port(attachment);
      if (port === undefined) throw new Error(`assertion failed: there is no port ${placeText(attachment)}`);
      const splice = new PortSplice(port);
      links.addSplice(attachment, splice);
      const settings = attachSettings(attachment.to);
      const plugged = await attach(splice, settings, { events }).catch((error: unknown) => {
        throw new Error(`${placeText(attachment)}: ${(error as Error).message}`, { cause: error });
      });
      closers.push(() => plugged.close());
      splices.set(placeText(attachment), splice);
      const ready = readyAttachment(attachment, settings);
      attached.push(ready);
      attachments.push(() => ({ port: ready.port, to: ready.to, present: splice.isPlugged, counters: plugged.attachment.counters }));
    }
    for (const { name, publications } of plan.machines) {
      const machine = network.machines.find((one) => one.name === name)!;
      for (const one of publications) {
        const listener = await publish(one, machine.tcp);
        closers.push(() => listener.close());
        published.push({ host: name, listen: listener.address, to: publishedTo(one) });
      }
    }
  } catch (error) {
    await closeAll();
    throw error;
  }
  links.start();
  for (const [index, one] of network.links.entries()) {
    const { faults, up } = one.plan;
    if (!up) continue;
    const services = { clock, rng: seededRng(plan.seed + index + 1) };
    if (faults.flapping !== undefined)
      flapping.set(
        one.link,
        flap((now) => links.setUp(one, now, 'it flaps'), faults.flapping, services),
      );
  }
  closers.push(() => {
    for (const settle of flapping.values()) settle();
    for (const { link } of network.links) link.unplug();
  });
  // First of all: that links go now is no news.
  closers.push(() => links.stop());
  const linkAt = (place: PortPlace): BuiltLink | undefined =>
    network.links.find(({ plan: { ends } }) => ends.some(({ node, port }) => node === place.node && port === place.port));
  const capture = captures(clock, linkAt, (place) => splices.get(placeText(place)));
  const machineOf = (name: string) => network.machines.find((one) => one.name === name);
  let stopped: Promise<void> | undefined;

  return {
    ready: { attached, published },
    clock,
    network,
    listen(name, host, port, accept) {
      const machine = machineOf(name);
      return machine === undefined ? undefined : listenOn(machine, host, port, accept);
    },
    dial(name, bind) {
      const machine = machineOf(name);
      return machine === undefined ? undefined : dialOver(machine, bind);
    },
    capture,
    links: () => network.links.map(linkReport),
    link(place) {
      const found = linkAt(place);
      return found === undefined ? undefined : linkReport(found);
    },
    attachments: () => attachments.map((report) => report()),
    setLink(place, up) {
      const found = linkAt(place);
      if (found === undefined) return false;
      // What somebody cuts or mends by hand stays so.
      flapping.get(found.link)?.();
      flapping.delete(found.link);
      links.setUp(found, up, 'it was cut');
      return true;
    },
    setFaults(place, faults) {
      const found = linkAt(place);
      if (found === undefined) return false;
      const all = { ...NO_FAULTS, reorderingNanos: found.plan.faults.reorderingNanos, ...faults };
      found.link.setFaults(all);
      const { loss, corruption, duplication, reordering } = all;
      const link = linkText(found.plan);
      linkFaultsSet(events, link, { link, loss, corruption, duplication, reordering });
      return true;
    },
    setDelay(place, nanos) {
      const found = linkAt(place);
      if (found === undefined) return false;
      if (!Number.isInteger(nanos) || nanos < 0 || nanos > DELAY_NANOS_MAX)
        throw new Error(`A delay is from 0 to ${DELAY_NANOS_MAX / SECOND} s, in whole nanoseconds.`);
      const beforeNanos = found.link.delayNanos(0);
      found.link.setDelay(nanos);
      const link = linkText(found.plan);
      linkDelaySet(events, link, { link, delayNanos: nanos, beforeNanos });
      return true;
    },
    resetAdapter: (machine, adapter) => links.reset(machine, adapter),
    stop: () => (stopped ??= closeAll()),
  };
};

function attachSettings(to: AttachTarget): AttachSettings {
  if (to.kind === 'qemu-datagrams') return { kind: 'qemu-datagrams', local: datagramAddress(to.local), remote: datagramAddress(to.remote) };
  return to;
}

function datagramAddress(place: SocketPlace): DatagramAddress {
  if ('path' in place) return place;
  const address = parseAddress(place.host);
  if (address === undefined) throw new Error('assertion failed: datagrams go to an address');
  return { address, port: place.port };
}

const readyAttachment = (place: AttachmentPlan, settings: AttachSettings): AttachedReady => ({
  port: placeText(place),
  to: attachText(place.to),
  // A machine needs an address that no other has: QEMU gives all the same. One that is plugged in twice needs two names.
  hints: attachHints(settings, { id: deviceId(place), mac: defaultMac('', place.node, `${place.port} at the other end`) }),
});

/** QEMU's names have letters, digits and `-._`, and begin with a letter. */
const deviceId = ({ node, port }: PortPlace): string => `net-${node}-${port.replaceAll('/', '-')}`;

const socketText = (place: SocketPlace): string => ('path' in place ? place.path : formatAddress(place.host, place.port));

function attachText(to: AttachTarget): string {
  switch (to.kind) {
    case 'qemu':
      return `QEMU at ${socketText(to.address)}`;
    case 'qemu-datagrams':
      return `QEMU, datagrams at ${socketText(to.local)}`;
    case 'tap':
      return `TAP ${to.name}`;
    case 'interface':
      return `interface ${to.name}`;
    case 'tunnel':
      return `VXLAN ${to.network} to ${formatIp(to.remote)}`;
  }
}
