/** Documents about teams that are neither one of the guides nor a standard. */
export const VSPHERE_NETWORKING = 'VMware vSphere Networking';
export const WINDOWS_TEAMING = 'Microsoft: Switch Embedded Teaming';
export const LINUX_BONDING = 'Linux Ethernet Bonding Driver HOWTO';
