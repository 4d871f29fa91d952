/** Where packets go (RFC 1122 §3.3.1, RFC 4861 §5.2): the route with the longest prefix, the lowest metric among those, the oldest of equals. */
import { assert } from '../base/assert.ts';
import { formatIp, inPrefix, type IpAddress, prefixOf } from '../wire/ip/address.ts';

export interface Route<Out> {
  readonly prefix: IpAddress;
  readonly bits: number;
  /** Undefined: the destination itself is on the link. */
  readonly via: IpAddress | undefined;
  readonly out: Out;
  readonly metric: number;
}

export class RouteTable<Out> {
  /** Longest prefix first, then lowest metric; few enough to be walked. */
  readonly #routes: Route<Out>[] = [];
  readonly #routesMax: number;
  /** Goes up with every change: who keeps what a lookup gave looks again when it differs. */
  generation = 0;

  constructor(routesMax = 1024) {
    this.#routesMax = routesMax;
  }

  add(route: Route<Out>): void {
    assert(this.#routes.length < this.#routesMax, 'a route table has its bound');
    const clean = { ...route, prefix: prefixOf(route.prefix, route.bits) };
    const before = this.#routes.findIndex((other) => other.bits < clean.bits || (other.bits === clean.bits && other.metric > clean.metric));
    this.#routes.splice(before === -1 ? this.#routes.length : before, 0, clean);
    this.generation += 1;
  }

  remove(matches: (route: Route<Out>) => boolean): void {
    for (let index = this.#routes.length - 1; index >= 0; index -= 1) {
      if (!matches(this.#routes[index]!)) continue;
      this.#routes.splice(index, 1);
      this.generation += 1;
    }
  }

  lookup(destination: IpAddress): Route<Out> | undefined {
    return this.#routes.find(({ prefix, bits }) => inPrefix(destination, prefix, bits));
  }

  list(): readonly Route<Out>[] {
    return this.#routes;
  }
}

export const describeRoute = ({ prefix, bits, via, metric }: Route<unknown>): string =>
  `${bits === 0 ? 'default' : `${formatIp(prefix)}/${bits}`}${via === undefined ? '' : ` via ${formatIp(via)}`} metric ${metric}`;
