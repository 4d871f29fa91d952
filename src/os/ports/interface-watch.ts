/**
 * Follows an interface of Linux: whether it has carrier, and that it was removed. The kernel tells of any change of any interface (rtnetlink(7),
 * RTMGRP_LINK); what became of ours is then asked, so that nothing depends on what a message says or on whether one was lost.
 */
import { EINTR, ENODEV, failure, interfaceRequest, type Native, words } from './native.ts';
import { type ReadableWatch, watchReadable } from './readable.ts';

export type InterfaceState = 'up' | 'down' | 'gone';

export interface InterfaceWatch {
  /** As it was when it was last looked at. */
  readonly state: InterfaceState;
  close(): void;
}

const AF_NETLINK = 16;
const SOCK_RAW_NONBLOCK_CLOEXEC = 0o2004003;
const NETLINK_ROUTE = 0;
const RTMGRP_LINK = 1;
/** netdevice(7). */
const SIOCGIFNAME = 0x8910;
const SIOCGIFFLAGS = 0x8913;
const FLAGS_AT = 16;
const INDEX_AT = 16;
/** It is up, and its driver has a signal. */
const IFF_UP_RUNNING = 0x41;

const MESSAGES_BYTES = 32 * 1024;
const messages = new Uint8Array(MESSAGES_BYTES);
/** More than this at once waits for the next turn. */
const READS_A_TURN = 64;

/** Of the network namespace that the calling thread is in. `onChange` is called once for each change of state; after `gone` nothing comes. */
export function watchInterface(native: Native, name: string, onChange: (state: InterfaceState) => void): InterfaceWatch {
  const index = native.interfaceIndex(name);
  const fd = native.socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) throw new Error(`Changes of the interface ${name} can't be followed: ${failure(fd)}.`);
  // struct sockaddr_nl: family, a port of the kernel's choice, groups.
  const bound = native.bind(fd, words(AF_NETLINK, 0, RTMGRP_LINK));
  if (bound < 0) {
    native.close(fd);
    throw new Error(`Changes of the interface ${name} can't be followed: ${failure(bound)}.`);
  }
  return new NetlinkWatch(native, fd, index, onChange);
}

class NetlinkWatch implements InterfaceWatch {
  state: InterfaceState;
  readonly #native: Native;
  readonly #fd: number;
  readonly #index: number;
  readonly #onChange: (state: InterfaceState) => void;
  readonly #watch: ReadableWatch;
  #open = true;

  constructor(native: Native, fd: number, index: number, onChange: (state: InterfaceState) => void) {
    this.#native = native;
    this.#fd = fd;
    this.#index = index;
    this.#onChange = onChange;
    this.state = this.#ask();
    this.#watch = watchReadable(native, fd, () => this.#read());
  }

  #read(): void {
    // Lost messages read as an error once (ENOBUFS): as good a reason to look as a message.
    for (let count = 0; count < READS_A_TURN; count += 1) {
      const bytes = this.#native.read(this.#fd, messages);
      if (bytes <= 0 && bytes !== -EINTR) break;
    }
    const state = this.#ask();
    if (!this.#open || state === this.state) return;
    this.state = state;
    if (state === 'gone') this.close();
    this.#onChange(state);
  }

  /** By its index: the name may be another's by now, or it may have got another. */
  #ask(): InterfaceState {
    const request = interfaceRequest('any');
    request.set(words(this.#index), INDEX_AT);
    if (this.#native.ioctl(this.#fd, SIOCGIFNAME, request) < 0) return 'gone';
    const asked = this.#native.ioctl(this.#fd, SIOCGIFFLAGS, request);
    if (asked === -ENODEV) return 'gone';
    return asked >= 0 && (request[FLAGS_AT]! & IFF_UP_RUNNING) === IFF_UP_RUNNING ? 'up' : 'down';
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch.close();
  }
}
