/** Mellanox InfiniHost III, ConnectX and ConnectX-2 (WinOF VPI 2.1.1), ConnectX-4 and ConnectX-4 Lx (the RoCE guide). */
import { type AdapterModel, ethernet, infiniband, type PortGroup, ports, SOURCES } from './adapter-model.ts';

const VENDOR_ID = 0x15b3;

/** InfiniBand 4x: single, double and quad data rate. */
const SDR = infiniband(10);
const DDR = infiniband(10, 20);
const QDR = infiniband(10, 20, 40);

interface Part {
  readonly key: string;
  readonly name: string;
  readonly otherNames?: readonly string[];
  readonly chip: string;
  readonly portGroups: readonly PortGroup[];
  readonly deviceIds: readonly number[];
}

function infiniHost(part: Part, firmware: NonNullable<AdapterModel['firmware']>): AdapterModel {
  const { deviceIds, ...rest } = part;
  return {
    ...rest,
    vendor: 'Mellanox',
    nature: 'card',
    pci: { vendorId: VENDOR_ID, deviceIds },
    offloads: ['ipoib', 'srp'],
    firmware,
    conditions: ['WinOF VPI 2.1.1 lists it for InfiniBand only; its revision history says that InfiniHost is no longer supported.'],
    sources: [SOURCES.winOfVpi, `${SOURCES.pciIds}: device IDs`, SOURCES.publicData('ports are 4x DDR')],
  };
}

function connectX(part: Part): AdapterModel {
  const { deviceIds, ...rest } = part;
  return {
    ...rest,
    vendor: 'Mellanox',
    nature: 'card',
    pci: { vendorId: VENDOR_ID, deviceIds },
    offloads: ['segmentation'],
    receiveQueuesPerPortMax: 16,
    // One is for what the adapter tells by itself: mlx4_enable_msi_x() asks for one for each port and processor, and one more.
    vectorsBeyondQueues: 1,
    firmware: { image: 'fw-25408', versionMin: '2.5.700' },
    sources: [SOURCES.winOfVpi, `${SOURCES.pciIds}: device IDs and rates`, `${SOURCES.linuxDriver('mlx4')}: interrupt vectors`],
  };
}

/** Those that can be InfiniBand as well. */
const connectXVpi = (part: Part): AdapterModel => ({
  ...connectX(part),
  offloads: ['segmentation', 'ipoib', 'srp'],
  rdmaMtuMaxBytes: 4096,
  conditions: ['Ports are two of InfiniBand, two of Ethernet, or one of each.', 'A 4096 byte InfiniBand MTU excludes large send offload.'],
});

export const mellanoxModels: readonly AdapterModel[] = [
  infiniHost(
    {
      key: 'mellanox-infinihost-iii-ex',
      name: 'InfiniHost III Ex',
      chip: 'MT25208',
      portGroups: ports(2, DDR),
      deviceIds: [0x6278], // 25208
    },
    { image: 'fw-25208', versionMin: '4.8.200' },
  ),
  infiniHost(
    {
      key: 'mellanox-infinihost-iii-ex-memfree',
      name: 'InfiniHost III Ex MemFree',
      chip: 'MT25218',
      portGroups: ports(2, DDR),
      deviceIds: [0x6282], // 25218
    },
    { image: 'fw-25218', versionMin: '5.3.000' },
  ),
  infiniHost(
    {
      key: 'mellanox-infinihost-iii-lx',
      name: 'InfiniHost III Lx',
      chip: 'MT25204',
      portGroups: ports(1, DDR),
      deviceIds: [0x6274], // 25204
    },
    { image: 'fw-25204', versionMin: '1.2.000' },
  ),
  connectXVpi({
    key: 'mellanox-connectx-sdr',
    name: 'ConnectX IB SDR',
    otherNames: ['ConnectX-2 IB SDR'],
    chip: 'ConnectX',
    portGroups: ports(2, SDR, ethernet(10)),
    deviceIds: [0x6340], // 25408
  }),
  connectXVpi({
    key: 'mellanox-connectx-ddr',
    name: 'ConnectX IB DDR',
    otherNames: ['ConnectX-2 IB DDR'],
    chip: 'ConnectX',
    portGroups: ports(2, DDR, ethernet(10)),
    deviceIds: [0x634a, 0x6732], // 25418, and 26418 on PCIe 2.0 at 5 GT/s
  }),
  connectXVpi({
    key: 'mellanox-connectx-qdr',
    name: 'ConnectX IB QDR',
    otherNames: ['ConnectX-2 IB QDR', 'ConnectX-2', 'ConnectX VPI'],
    chip: 'ConnectX',
    portGroups: ports(2, QDR, ethernet(10)),
    deviceIds: [0x673c], // 26428
  }),
  connectX({
    key: 'mellanox-connectx-en',
    name: 'ConnectX EN 10GbE',
    otherNames: ['ConnectX EN', 'ConnectX-2 EN', 'ConnectX EN 10Gbit Ethernet Adapter'],
    chip: 'ConnectX',
    portGroups: ports(2, ethernet(10)),
    deviceIds: [0x6750, 0x6368], // 26448, and 25448 on PCIe 2.0 at 2.5 GT/s
  }),
  connectX({
    key: 'mellanox-connectx-en-t',
    name: 'ConnectX EN 10GBASE-T',
    chip: 'ConnectX',
    portGroups: ports(2, ethernet(10)),
    deviceIds: [0x675a, 0x6372], // 26458, and 25458 on PCIe 2.0 at 2.5 GT/s
  }),
  {
    key: 'mellanox-connectx-4-en',
    name: 'ConnectX-4 EN',
    otherNames: ['ConnectX-4 EN single-port 100GbE'],
    vendor: 'Mellanox',
    chip: 'ConnectX-4',
    nature: 'card',
    portGroups: ports(1, ethernet(10, 25, 40, 50, 100)),
    pci: { vendorId: VENDOR_ID, deviceIds: [0x1013], virtualFunctionDeviceId: 0x1014 },
    offloads: ['segmentation', 'roce-v1', 'roce-v2'],
    rdmaMtuMaxBytes: 4096,
    sources: [SOURCES.demartekRoce, `${SOURCES.pciIds}: device IDs`, SOURCES.publicData('speeds below 100 Gb/s, RDMA MTU')],
  },
  {
    key: 'mellanox-connectx-4-lx-en',
    name: 'ConnectX-4 Lx EN',
    otherNames: ['ConnectX-4 Lx', 'ConnectX-4 Lx EN single-port 25GbE'],
    vendor: 'Mellanox',
    chip: 'ConnectX-4 Lx',
    nature: 'card',
    portGroups: ports(1, ethernet(1, 10, 25)),
    pci: { vendorId: VENDOR_ID, deviceIds: [0x1015], virtualFunctionDeviceId: 0x1016 },
    offloads: ['segmentation', 'roce-v1', 'roce-v2'],
    rdmaMtuMaxBytes: 4096,
    sources: [SOURCES.demartekRoce, `${SOURCES.pciIds}: device IDs`, SOURCES.publicData('RDMA MTU')],
  },
  {
    key: 'hpe-640flr-sfp28',
    name: 'HPE Ethernet 10/25Gb 2-port 640FLR-SFP28 Adapter',
    otherNames: ['640FLR-SFP28', 'HPE 640FLR-SFP28'],
    vendor: 'HPE',
    chip: 'ConnectX-4 Lx',
    nature: 'card',
    portGroups: ports(2, ethernet(10, 25)),
    pci: { vendorId: VENDOR_ID, deviceIds: [0x1015], virtualFunctionDeviceId: 0x1016 },
    offloads: ['segmentation', 'roce-v1', 'roce-v2'],
    rdmaMtuMaxBytes: 4096,
    sources: [SOURCES.demartekRoce, `${SOURCES.pciIds}: device IDs`, SOURCES.publicData('RDMA MTU')],
  },
];
