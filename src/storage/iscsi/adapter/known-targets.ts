/**
 * The targets an adapter knows, as lists of portal and name (RFC 7143 §4.3 names both ways to come by them): those it was given (static)
 * and those that discovery servers named (dynamic). Removing a server leaves what it named as static targets, until they are removed too.
 */
import type { FoundTarget } from '../initiator/discovery.ts';
import { portalText } from '../initiator/portal-address.ts';
import { type AdapterConfig, type TargetAddress, targetKey } from './config.ts';

export interface KnownTarget extends TargetAddress {
  /** The text of the servers that named it. */
  readonly servers: ReadonlySet<string>;
  /** Given, or left by a server that was removed. */
  readonly isStatic: boolean;
  /** The numbers of its runtime name, `C0:T0`: the portal among those of its target, and the target. */
  readonly channel: number;
  readonly target: number;
}

interface Entry extends KnownTarget {
  readonly servers: Set<string>;
  isStatic: boolean;
  /** Somebody wants it gone, also where it is in use. */
  dismissed: boolean;
}

export class KnownTargets {
  readonly #entries = new Map<string, Entry>();
  readonly #targetsMax: number;
  #config: Pick<AdapterConfig, 'servers' | 'targets'> = { servers: [], targets: [] };

  constructor(targetsMax: number) {
    this.#targetsMax = targetsMax;
  }

  all(): readonly KnownTarget[] {
    return [...this.#entries.values()].toSorted((a, b) => a.target - b.target || a.channel - b.channel);
  }

  has(target: TargetAddress): boolean {
    return this.#entries.has(targetKey(target));
  }

  /** What the adapter is told now, instead of before. Gives back what it was told of that no longer fits in. */
  configure(config: Pick<AdapterConfig, 'servers' | 'targets'>): number {
    const servers = new Set(config.servers.map((server) => portalText(server.address)));
    for (const { address } of this.#config.servers) if (!servers.has(portalText(address))) this.#removeServer(portalText(address));
    const given = new Set(config.targets.map(targetKey));
    for (const target of this.#config.targets) if (!given.has(targetKey(target))) this.forget(target);
    this.#config = config;
    let beyond = 0;
    for (const target of config.targets) {
      const entry = this.#add(target);
      if (entry === undefined) beyond += 1;
      else {
        entry.isStatic = true;
        entry.dismissed = false;
      }
    }
    return beyond;
  }

  #removeServer(server: string): void {
    for (const entry of this.#entries.values()) {
      if (entry.servers.delete(server) && entry.servers.size === 0) entry.isStatic = true;
    }
  }

  /** A static target is one no more; if a server names it, it goes on as a dynamic one. False: there is none such. */
  forget(target: TargetAddress): boolean {
    const entry = this.#entries.get(targetKey(target));
    if (entry === undefined || !entry.isStatic) return false;
    entry.isStatic = false;
    entry.dismissed = true;
    return true;
  }

  /** What a server names now; gives back how many targets are too many. Those it named before and does not now are its own no more. */
  handleFound(server: string, found: readonly FoundTarget[]): number {
    const before = [...this.#entries.values()].filter((entry) => entry.servers.has(server));
    const named = new Set<string>();
    let beyond = 0;
    for (const { name, portals } of found) {
      for (const { host, port } of portals) {
        const target = { name, address: { host, port } };
        const entry = this.#add(target);
        if (entry === undefined) {
          beyond += 1;
          continue;
        }
        entry.servers.add(server);
        entry.dismissed = false;
        named.add(targetKey(target));
      }
    }
    for (const entry of before) if (!named.has(targetKey(entry))) entry.servers.delete(server);
    return beyond;
  }

  /**
   * Takes out what is neither given nor named; gives back what went. What its server does not name any more stays while it is `inUse`: a
   * server that forgets a target must not take a disk from under anybody.
   */
  sweep(inUse: (target: KnownTarget) => boolean): readonly KnownTarget[] {
    const loose = [...this.#entries.values()].filter((entry) => !entry.isStatic && entry.servers.size === 0);
    const gone = loose.filter((entry) => entry.dismissed || !inUse(entry));
    for (const entry of gone) this.#entries.delete(targetKey(entry));
    return gone;
  }

  #add(target: TargetAddress): Entry | undefined {
    const key = targetKey(target);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#targetsMax) return undefined;
    const entries = [...this.#entries.values()];
    const same = entries.filter((entry) => entry.name === target.name);
    const entry: Entry = {
      name: target.name,
      address: target.address,
      servers: new Set(),
      isStatic: false,
      dismissed: false,
      target: same[0]?.target ?? lowestFree(entries.map((other) => other.target)),
      channel: lowestFree(same.map((other) => other.channel)),
    };
    this.#entries.set(key, entry);
    return entry;
  }
}

/** Numbers stay with what has them, and are given anew when it is gone. */
function lowestFree(taken: readonly number[]): number {
  const set = new Set(taken);
  let number = 0;
  while (set.has(number)) number += 1;
  return number;
}
