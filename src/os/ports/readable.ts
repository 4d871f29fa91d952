/**
 * Tells when a descriptor can be read that is no stream to Node: a TAP, a packet socket. libuv waits for it together with everything else:
 * its handle for pipes takes any descriptor that poll(2) takes, and with an empty buffer it says that there is something without reading it
 * (uv_alloc_cb: an empty buffer is reported as UV_ENOBUFS). Where Node's insides are not as expected a thread polls.
 */
import type { Native } from './native.ts';

export interface ReadableWatch {
  /** Also closes the descriptor. */
  close(): void;
}

interface PipeHandle {
  open(fd: number): number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  close(): void;
  onread: (() => void) | undefined;
}

interface PipeBinding {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly constants: { readonly SOCKET: number };
}

/** How long a thread waits before it looks whether it is still wanted. */
const POLL_MILLISECONDS = 100;

/**
 * Runs `onReadable` whenever there is something to read, again and again until it was read. The descriptor must not block, and belongs to
 * the watch from now on. `threads`: for tests, as if Node had no such handle.
 */
export function watchReadable(native: Native, fd: number, onReadable: () => void, threads = false): ReadableWatch {
  return (threads ? undefined : watchByHandle(fd, onReadable)) ?? watchByThread(native, fd, onReadable);
}

function watchByHandle(fd: number, onReadable: () => void): ReadableWatch | undefined {
  const binding = pipeBinding();
  if (binding === undefined) return undefined;
  const handle = new binding.Pipe(binding.constants.SOCKET);
  if (typeof handle.open !== 'function' || typeof handle.useUserBuffer !== 'function' || typeof handle.readStart !== 'function')
    return undefined;
  if (handle.open(fd) !== 0) return undefined;
  handle.useUserBuffer(new Uint8Array(0));
  handle.onread = onReadable;
  handle.readStart();
  return { close: () => handle.close() };
}

function pipeBinding(): PipeBinding | undefined {
  try {
    const { binding } = process as unknown as { binding?: (name: string) => Partial<PipeBinding> };
    const found = binding?.call(process, 'pipe_wrap');
    return typeof found?.Pipe === 'function' && typeof found.constants?.SOCKET === 'number' ? (found as PipeBinding) : undefined;
  } catch {
    return undefined;
  }
}

function watchByThread(native: Native, fd: number, onReadable: () => void): ReadableWatch {
  let open = true;
  const wait = (): void =>
    native.waitReadable(fd, POLL_MILLISECONDS, (result) => {
      if (open && result > 0) onReadable();
      if (open) wait();
      else native.close(fd);
    });
  wait();
  return {
    close: () => {
      open = false; // The thread has the descriptor until it returns.
    },
  };
}
