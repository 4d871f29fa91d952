/** Chelsio Terminator 5 and 6: what its guide for ESXi 6.7 says of all of them, and which of them its two drivers list. */
import { type AdapterModel, ethernet, type GuestList, type PhysicalFunctions, ports, SOURCES } from './adapter-model.ts';

const VENDOR_ID = 0x1425;

/** A device ID is 0xGFPP: generation, function (0 for PF 0-3, the number for PF 4-7, 8 for a virtual function), product. */
const deviceId = (generation: 5 | 6, functionDigit: number, product: number): number => (generation << 12) | (functionDigit << 8) | product;

const functionsOf = (generation: 5 | 6, product: number): readonly PhysicalFunctions[] => [
  { numbers: [0, 1, 2, 3], use: 'network', deviceId: deviceId(generation, 0, product) },
  { numbers: [4], use: 'unused', deviceId: deviceId(generation, 4, product) },
  { numbers: [5], use: 'iscsi', deviceId: deviceId(generation, 5, product) },
  { numbers: [6], use: 'fcoe', deviceId: deviceId(generation, 6, product) },
  { numbers: [7], use: 'unused' },
];

/** What a product's digits promise: 2 x 10 in T520, 2 x 25 in T6225. */
const T5_10G = ethernet(1, 10);
const T5_40G = ethernet(10, 40);
const T6_25G = ethernet(1, 10, 25);
const T6_100G = ethernet(1, 10, 25, 40, 50, 100);

/**
 * Its guide for ESXi 6.7 lists Windows Server 2019 for virtual functions, says beside it that T5 is not supported in Windows guests, and three
 * pages on that no Windows guest is.
 */
const guestsOf = (generation: 5 | 6): GuestList => ({
  hypervisor: 'esxi',
  listed: [
    'rhel-6.10',
    'rhel-7.7',
    'rhel-7.8',
    'rhel-8.0',
    'rhel-8.1',
    'rhel-8.2',
    'ubuntu-18.04.4',
    'ubuntu-20.04',
    'linux-4.19.98',
    'linux-5.4.45',
  ],
  doubtful: generation === 5 ? [] : ['windows'],
  excluded: generation === 5 ? ['windows'] : [],
});

interface Product {
  readonly name: string;
  readonly product: number;
  readonly count: number;
  readonly mode: ReturnType<typeof ethernet>;
  /** Whether the guide lists it for the iSCSI and iSER initiator as well as for the network driver. */
  readonly storage: boolean;
}

function model(generation: 5 | 6, { name, product, count, mode, storage }: Product, extra: Partial<AdapterModel> = {}): AdapterModel {
  return {
    key: `chelsio-${name.toLowerCase()}`,
    name,
    vendor: 'Chelsio',
    chip: `T${generation}`,
    nature: 'card',
    portGroups: ports(count, mode),
    functions: functionsOf(generation, product),
    pci: {
      vendorId: VENDOR_ID,
      deviceIds: [deviceId(generation, 0, product)],
      virtualFunctionDeviceId: deviceId(generation, 8, product),
    },
    virtualFunctions: { perPortMax: 16, vectorsMax: 31, vectorsBeyondProcessors: 2, guests: guestsOf(generation) },
    offloads: [
      'segmentation',
      ...(storage ? (['tcp', 'iscsi', 'iser', 'iwarp', 'fcoe', 'nat'] as const) : []),
      ...(generation === 6 ? (['vxlan'] as const) : []),
    ],
    mtuMaxBytes: 9600,
    sources: [
      SOURCES.chelsioEsxi,
      `${SOURCES.pciIds}: device IDs`,
      `${SOURCES.linuxDriver('cxgb4')}: MTU`,
      SOURCES.publicData('ports and speeds by the product’s name, and of the T5 and T6 chips'),
    ],
    ...extra,
  };
}

export const chelsioModels: readonly AdapterModel[] = [
  model(6, { name: 'T62100-CR', product: 0x0d, count: 2, mode: T6_100G, storage: true }),
  model(6, { name: 'T62100-LP-CR', product: 0x07, count: 2, mode: T6_100G, storage: true }),
  model(6, { name: 'T62100-SO-CR', product: 0x08, count: 2, mode: T6_100G, storage: false }),
  model(6, { name: 'T61100-OCP', product: 0x14, count: 1, mode: T6_100G, storage: false }, { otherNames: ['T61100-OCP-SO'] }),
  model(
    6,
    { name: 'T6425-CR', product: 0x03, count: 4, mode: T6_25G, storage: true },
    {
      portsUnsplit: 2,
      conditions: ['Ports 2 and 3 work only where the system splits the PCIe x8 slot into two of x4, and its BIOS is told to.'],
    },
  ),
  model(6, { name: 'T6225-CR', product: 0x01, count: 2, mode: T6_25G, storage: true }),
  model(6, { name: 'T6225-LL-CR', product: 0x11, count: 2, mode: T6_25G, storage: true }),
  model(
    6,
    { name: 'T6225-SO-CR', product: 0x02, count: 2, mode: T6_25G, storage: true },
    { offloadedConnectionsMax: { ipv4: 256, ipv6: 128 } },
  ),
  model(5, { name: 'T580-SO-CR', product: 0x14, count: 2, mode: T5_40G, storage: false }),
  model(5, { name: 'T580-LP-CR', product: 0x10, count: 2, mode: T5_40G, storage: true }),
  model(5, { name: 'T580-CR', product: 0x0d, count: 2, mode: T5_40G, storage: true }),
  model(5, { name: 'T540-CR', product: 0x03, count: 4, mode: T5_10G, storage: true }),
  model(5, { name: 'T540-LP-CR', product: 0x0e, count: 4, mode: T5_10G, storage: true }),
  model(5, { name: 'T540-SO-CR', product: 0x1b, count: 4, mode: T5_10G, storage: false }),
  model(5, { name: 'T540-BT', product: 0x18, count: 4, mode: T5_10G, storage: true }),
  model(5, { name: 'T520-SO-CR', product: 0x07, count: 2, mode: T5_10G, storage: false }, { otherNames: ['T520-SO'] }),
  model(5, { name: 'T520-CR', product: 0x01, count: 2, mode: T5_10G, storage: true }),
  model(5, { name: 'T520-LL-CR', product: 0x11, count: 2, mode: T5_10G, storage: true }),
  model(5, { name: 'T520-BT', product: 0x09, count: 2, mode: T5_10G, storage: true }),
];
