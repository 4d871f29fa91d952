/** What ports to the world tell people about: numbers 8100-8199. */
import { eventKind } from '../../base/event.ts';

export const machineAttached = eventKind<{ readonly path: string }>(
  8100,
  'port-machine-attached',
  'info',
  (data) => `a machine is attached at ${data.path}`,
  {
    means: "A machine has connected to the socket of a port (QEMU's `-netdev stream`); the port has carrier from now on.",
    example: { path: '/srv/fabric/vm1.sock' },
  },
);

export const machineGone = eventKind<{ readonly path: string; readonly reason: string }>(
  8101,
  'port-machine-gone',
  'info',
  (data) => `the machine at ${data.path} is gone: ${data.reason}`,
  {
    means:
      "The machine at a port's socket has closed its connection, or it broke; the port is down until another one connects. The reason is what the operating system said, if it did.",
    example: { path: '/srv/fabric/vm1.sock', reason: 'it closed the connection' },
  },
);

export const machineRefused = eventKind<{ readonly path: string }>(
  8102,
  'port-machine-refused',
  'warning',
  (data) => `one machine more came to ${data.path} than it has ports; it was turned away`,
  {
    means: 'Another machine connected to a socket whose ports are all taken; its connection was closed.',
    remedy:
      'Give each machine a socket of its own, or end the one that is still attached: two machines with the same `-netdev` are a common cause.',
    example: { path: '/srv/fabric/vm1.sock' },
  },
);

export const noFrames = eventKind<{ readonly path: string; readonly lengthBytes: number }>(
  8103,
  'port-bytes-no-frames',
  'error',
  (data) =>
    `what comes at ${data.path} are no frames: one would be ${data.lengthBytes} bytes long; the connection is closed. Is it QEMU's -netdev stream?`,
  {
    means:
      "What came at the socket can't be QEMU's stream of frames: a length in front of a frame is none that a frame can have. The connection is closed.",
    remedy: 'Plug the machine in with the arguments that `samewire up` prints.',
    example: { path: '/srv/fabric/vm1.sock', lengthBytes: 1_195_725_856 },
  },
);

export const interfaceGone = eventKind<{ readonly interface: string; readonly reason: string }>(
  8104,
  'port-interface-gone',
  'error',
  (data) => `the interface ${data.interface} is gone (${data.reason}); its port stays down`,
  {
    means:
      "The interface of the operating system that a port is plugged into was removed, or can't be read any more. The port is down and stays so, also if an interface of that name comes back.",
    remedy: 'Make the interface again, and bring the fabric up anew.',
    example: { interface: 'tap0', reason: 'it was removed' },
  },
);

export const slowReader = eventKind<{ readonly path: string; readonly queuedBytes: number }>(
  8105,
  'port-reader-slow',
  'warning',
  (data) => `what is attached at ${data.path} reads too slowly: ${data.queuedBytes} bytes wait for it, and frames are dropped`,
  {
    means:
      'Frames for a machine wait in memory because it does not read its socket; as much waits as may, and further frames are dropped. Told once for each machine that connects.',
    remedy: 'Look at the machine: it may be stopped in a debugger, paused, or have no time to run.',
    example: { path: '/srv/fabric/vm1.sock', queuedBytes: 1_048_576 },
  },
);

export const frameTooLong = eventKind<{ readonly path: string; readonly frameBytes: number }>(
  8106,
  'port-frame-too-long',
  'warning',
  (data) => `a frame of ${data.frameBytes} bytes is too long for ${data.path}, and was dropped: is its MTU smaller than the fabric's?`,
  {
    means:
      'The operating system refused a frame as too long for the interface or the socket it goes to; it was dropped. Told once for a port.',
    remedy: "Make the MTU of the interface as large as that of the fabric's network, or the fabric's as small.",
    example: { path: 'tap0', frameBytes: 9014 },
  },
);

export const interfaceDown = eventKind<{ readonly interface: string }>(
  8107,
  'port-interface-down',
  'warning',
  (data) => `the interface ${data.interface} is down or lost its carrier`,
  {
    means: 'The interface of the operating system that a port is plugged into is down, or has lost its carrier; so has the port.',
    remedy: 'Set the interface up (`ip link set dev tap0 up`); of a TAP, start the program that uses it.',
    example: { interface: 'tap0' },
  },
);

export const interfaceUp = eventKind<{ readonly interface: string }>(
  8108,
  'port-interface-up',
  'info',
  (data) => `the interface ${data.interface} has carrier`,
  {
    means: 'The interface of the operating system that a port is plugged into is up and has carrier; so has the port.',
    example: { interface: 'tap0' },
  },
);
