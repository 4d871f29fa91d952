/** Adapters without a card: what a hypervisor shows its guests, what this program is, and one for whatever isn't listed; one Fibre Channel adapter. */
import { type AdapterModel, type PortMode, ports, SOURCES } from './adapter-model.ts';

const ANY_ETHERNET: PortMode = { kind: 'ethernet' };
const ANY_PORTS = [{ modes: [ANY_ETHERNET] }] as const;

export const virtualModels: readonly AdapterModel[] = [
  {
    key: 'generic',
    name: 'Generic adapter',
    vendor: 'any',
    nature: 'card',
    portGroups: [{ modes: [ANY_ETHERNET, { kind: 'infiniband' }] }],
    offloads: [],
    sources: ['Nothing is known of it, so nothing is refused.'],
  },
  {
    key: 'software',
    name: 'Software adapter',
    vendor: 'Samewire',
    nature: 'software',
    portGroups: ANY_PORTS,
    offloads: [],
    sources: ['This program: its own Ethernet, IP and TCP, and no offload.'],
  },
  {
    key: 'virtio',
    name: 'Virtio network device',
    otherNames: ['virtio-net', 'virtio-net-pci'],
    vendor: 'OASIS',
    nature: 'paravirtual',
    portGroups: ports(1, ANY_ETHERNET),
    pci: { vendorId: 0x1af4, deviceIds: [0x1041, 0x1000] }, // 1.0 and transitional
    offloads: ['segmentation'],
    mtuMaxBytes: 65535,
    sources: ['Virtual I/O Device (VIRTIO) 1.2 §5.1', `${SOURCES.pciIds}: device IDs`],
  },
  {
    key: 'vmxnet',
    name: 'VMXNET',
    vendor: 'VMware',
    nature: 'paravirtual',
    portGroups: ports(1, ANY_ETHERNET),
    pci: { vendorId: 0x15ad, deviceIds: [0x0720] },
    offloads: [],
    sources: [SOURCES.ioVirtualization, `${SOURCES.pciIds}: device ID`],
  },
  {
    key: 'e1000',
    name: 'e1000',
    otherNames: ['Intel 82545EM'],
    vendor: 'Intel',
    chip: '82545EM',
    nature: 'emulated',
    portGroups: ports(1, { kind: 'ethernet', speedsBitsPerSecond: [1e7, 1e8, 1e9] }),
    pci: { vendorId: 0x8086, deviceIds: [0x100f] },
    offloads: ['segmentation'],
    mtuMaxBytes: 16110,
    sources: [SOURCES.ioVirtualization, `${SOURCES.pciIds}: device ID`, `${SOURCES.linuxDriver('e1000')}: MTU`],
  },
  {
    key: 'vlance',
    name: 'vlance',
    otherNames: ['PCnet32', 'AMD 79C970'],
    vendor: 'AMD',
    chip: '79C970',
    nature: 'emulated',
    portGroups: ports(1, { kind: 'ethernet', speedsBitsPerSecond: [1e7] }),
    pci: { vendorId: 0x1022, deviceIds: [0x2000] },
    offloads: [],
    mtuMaxBytes: 1500,
    sources: [SOURCES.ioVirtualization, `${SOURCES.pciIds}: device ID`, SOURCES.publicData('10 Mb/s')],
  },
  {
    key: 'emulex-16gfc',
    name: 'Emulex 16GbFC HBA',
    vendor: 'Emulex',
    nature: 'card',
    portGroups: [{ modes: [{ kind: 'fibre-channel', speedsBitsPerSecond: [16e9] }] }],
    offloads: [],
    sources: [`${SOURCES.demartekRoce} (which doesn’t name the model, nor its number of ports)`],
  },
];
