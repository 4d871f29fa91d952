/** What begins a line that a product's own shell passes over. The shell of targetcli knows none. */
const COMMENTS: Readonly<Record<string, string>> = {
  onyx: '!',
  nxos: '!',
  ios: '!',
  procurve: ';',
  linux: '#',
  iscsiadm: '#',
  esxcli: '#',
  chelsio: '#',
  powershell: '#',
};

export const commentOf = (dialect: string): string | undefined => COMMENTS[dialect];
