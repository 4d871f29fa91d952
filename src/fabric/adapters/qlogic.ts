/** QLogic (now Marvell): FastLinQ of the RoCE guide, and the 57xx and 57xxx families that came from Broadcom. */
import {
  type AdapterModel,
  ethernet,
  GIGABIT,
  MEGABIT,
  type Offload,
  type PortGroup,
  type PortMode,
  ports,
  SOURCES,
} from './adapter-model.ts';

const BROADCOM_VENDOR_ID = 0x14e4;

const ONE_GIGABIT: PortMode = { kind: 'ethernet', speedsBitsPerSecond: [10 * MEGABIT, 100 * MEGABIT, GIGABIT] };
const TEN_GIGABIT = ethernet(1, 10);

/** bnx2 has no SR-IOV, and bnx2x leaves it off on chips before the 57712. */
const NO_VIRTUAL_FUNCTIONS = { totalMax: 0 };

interface Chip {
  readonly number: string;
  readonly portGroups: readonly PortGroup[];
  readonly deviceIds: readonly number[];
  readonly offloads: readonly Offload[];
}

/** 57xx: gigabit, Linux's bnx2. */
const family57xx = ({ number, portGroups, deviceIds, offloads }: Chip): AdapterModel => ({
  key: `marvell-${number}`,
  name: `BCM${number}`,
  otherNames: [number],
  vendor: 'Marvell',
  chip: '57xx',
  nature: 'card',
  portGroups,
  pci: { vendorId: BROADCOM_VENDOR_ID, deviceIds },
  virtualFunctions: NO_VIRTUAL_FUNCTIONS,
  offloads,
  mtuMaxBytes: 9000,
  sources: [
    `${SOURCES.marvell57xx}: the family`,
    `${SOURCES.pciIds}: device IDs`,
    `${SOURCES.linuxDriver('bnx2')} and bnx2i: MTU, iSCSI offload, no virtual functions`,
    SOURCES.publicData('ports'),
  ],
});

/** 57xxx: ten gigabit, Linux's bnx2x. The driver gives an adapter of two ports four partitions a port, one of four ports two. */
const family57xxx = (
  { number, portGroups, deviceIds, offloads }: Chip,
  extra: Pick<AdapterModel, 'partitions' | 'virtualFunctions'> & { readonly virtualFunctionDeviceId?: number } = {},
): AdapterModel => {
  const { virtualFunctionDeviceId, ...limits } = extra;
  return {
    key: `marvell-${number.toLowerCase()}`,
    name: `BCM${number}`,
    otherNames: [number],
    vendor: 'Marvell',
    chip: '57xxx',
    nature: 'card',
    portGroups,
    pci: { vendorId: BROADCOM_VENDOR_ID, deviceIds, ...(virtualFunctionDeviceId === undefined ? {} : { virtualFunctionDeviceId }) },
    offloads,
    mtuMaxBytes: 9600,
    ...limits,
    sources: [
      `${SOURCES.marvell57xx}: the family; iSCSI, FCoE, NPAR, SR-IOV and data center bridging`,
      `${SOURCES.pciIds}: device IDs`,
      `${SOURCES.linuxDriver('bnx2x')}, bnx2i and bnx2fc: MTU, partitions, virtual functions, offloads by chip`,
      SOURCES.publicData('ports and speeds'),
    ],
  };
};

const ISCSI: readonly Offload[] = ['segmentation', 'iscsi'];
const ISCSI_FCOE: readonly Offload[] = ['segmentation', 'iscsi', 'fcoe'];
const VIRTUAL_FUNCTIONS = { totalMax: 64 };

export const qlogicModels: readonly AdapterModel[] = [
  {
    key: 'qlogic-ql45212',
    name: 'FastLinQ QL45212',
    otherNames: ['QL45212', 'QLE45212', 'QL45212H', 'FastLinQ QL45212H 25GbE Adapter'],
    vendor: 'QLogic',
    chip: 'FastLinQ 45000',
    nature: 'card',
    portGroups: ports(2, ethernet(10, 25)),
    pci: { vendorId: 0x1077, deviceIds: [0x1656], virtualFunctionDeviceId: 0x1664 },
    offloads: ['segmentation', 'roce-v1', 'roce-v2', 'vxlan', 'nvgre'],
    receiveQueuesPerPortMax: 16,
    mtuMaxBytes: 9600,
    rdmaMtuMaxBytes: 4096,
    conditions: [
      'The RoCE MTU is 1024 as delivered; 4096 needs a larger Ethernet MTU at switch, client and server.',
      'DCBX and the RoCE priority are set before the system boots, in UEFI HII.',
    ],
    sources: [
      SOURCES.demartekRoce,
      `${SOURCES.pciIds}: device IDs`,
      `${SOURCES.linuxDriver('qede')}: MTU`,
      SOURCES.publicData('10 Gb/s besides 25'),
    ],
  },
  family57xx({ number: '5706', portGroups: ports(1, ONE_GIGABIT), deviceIds: [0x164a, 0x16aa], offloads: ISCSI }),
  family57xx({ number: '5708', portGroups: ports(1, ONE_GIGABIT), deviceIds: [0x164c, 0x16ac], offloads: ISCSI }),
  family57xx({ number: '5709', portGroups: ports(2, ONE_GIGABIT), deviceIds: [0x1639, 0x163a], offloads: ISCSI }),
  family57xx({ number: '5716', portGroups: ports(2, ONE_GIGABIT), deviceIds: [0x163b, 0x163c], offloads: ['segmentation'] }),
  family57xxx(
    { number: '57710', portGroups: [{ modes: [TEN_GIGABIT] }], deviceIds: [0x164e], offloads: ISCSI },
    { virtualFunctions: NO_VIRTUAL_FUNCTIONS },
  ),
  family57xxx(
    { number: '57711', portGroups: ports(2, TEN_GIGABIT), deviceIds: [0x164f], offloads: ISCSI },
    { virtualFunctions: NO_VIRTUAL_FUNCTIONS },
  ),
  family57xxx(
    { number: '57711E', portGroups: ports(2, TEN_GIGABIT), deviceIds: [0x1650], offloads: ISCSI },
    { partitions: { perPortMax: 4 }, virtualFunctions: NO_VIRTUAL_FUNCTIONS },
  ),
  family57xxx(
    { number: '57712', portGroups: ports(2, TEN_GIGABIT), deviceIds: [0x1662, 0x1663], offloads: ISCSI_FCOE },
    { partitions: { perPortMax: 4 }, virtualFunctions: VIRTUAL_FUNCTIONS, virtualFunctionDeviceId: 0x166f },
  ),
  family57xxx(
    {
      number: '57800',
      portGroups: [
        { count: 2, modes: [TEN_GIGABIT] },
        { count: 2, modes: [ONE_GIGABIT] },
      ],
      deviceIds: [0x168a, 0x16a5],
      offloads: ISCSI_FCOE,
    },
    { virtualFunctions: VIRTUAL_FUNCTIONS, virtualFunctionDeviceId: 0x16a9 },
  ),
  family57xxx(
    { number: '57810', portGroups: ports(2, TEN_GIGABIT), deviceIds: [0x168e, 0x16ae], offloads: ISCSI_FCOE },
    { partitions: { perPortMax: 4 }, virtualFunctions: VIRTUAL_FUNCTIONS, virtualFunctionDeviceId: 0x16af },
  ),
  family57xxx(
    { number: '57811', portGroups: ports(2, TEN_GIGABIT), deviceIds: [0x163d, 0x163e], offloads: ISCSI_FCOE },
    { partitions: { perPortMax: 4 }, virtualFunctions: VIRTUAL_FUNCTIONS, virtualFunctionDeviceId: 0x163f },
  ),
  family57xxx(
    { number: '57840', portGroups: ports(4, TEN_GIGABIT), deviceIds: [0x16a1, 0x16a4], offloads: ISCSI_FCOE },
    { partitions: { perPortMax: 2 }, virtualFunctions: VIRTUAL_FUNCTIONS, virtualFunctionDeviceId: 0x16ad },
  ),
];
