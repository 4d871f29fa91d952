/** What ports to the world tell people about: numbers 8100-8199. */
import { eventKind } from '../../base/event.ts';

export const machineAttached = eventKind<{ readonly path: string }>(
  8100,
  'port-machine-attached',
  'info',
  (data) => `a machine is attached at ${data.path}`,
);

export const machineGone = eventKind<{ readonly path: string; readonly reason: string }>(
  8101,
  'port-machine-gone',
  'info',
  (data) => `the machine at ${data.path} is gone: ${data.reason}`,
);

export const machineRefused = eventKind<{ readonly path: string }>(
  8102,
  'port-machine-refused',
  'warning',
  (data) => `one machine more came to ${data.path} than it has ports; it was turned away`,
);

export const noFrames = eventKind<{ readonly path: string; readonly lengthBytes: number }>(
  8103,
  'port-bytes-no-frames',
  'error',
  (data) =>
    `what comes at ${data.path} are no frames: one would be ${data.lengthBytes} bytes long; the connection is closed. Is it QEMU's -netdev stream?`,
);

export const interfaceGone = eventKind<{ readonly interface: string; readonly reason: string }>(
  8104,
  'port-interface-gone',
  'error',
  (data) => `the interface ${data.interface} is gone (${data.reason}); its port stays down`,
);

export const slowReader = eventKind<{ readonly path: string; readonly queuedBytes: number }>(
  8105,
  'port-reader-slow',
  'warning',
  (data) => `what is attached at ${data.path} reads too slowly: ${data.queuedBytes} bytes wait for it, and frames are dropped`,
);

export const frameTooLong = eventKind<{ readonly path: string; readonly frameBytes: number }>(
  8106,
  'port-frame-too-long',
  'warning',
  (data) => `a frame of ${data.frameBytes} bytes is too long for ${data.path}, and was dropped: is its MTU smaller than the fabric's?`,
);

export const interfaceDown = eventKind<{ readonly interface: string }>(
  8107,
  'port-interface-down',
  'warning',
  (data) => `the interface ${data.interface} is down or lost its carrier`,
);

export const interfaceUp = eventKind<{ readonly interface: string }>(
  8108,
  'port-interface-up',
  'info',
  (data) => `the interface ${data.interface} has carrier`,
);
