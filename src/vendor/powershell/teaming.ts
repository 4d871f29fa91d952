/** Teams in the two words of Windows (mode and load balancing), and in those of a declaration. */

export interface WindowsTeaming {
  readonly mode: 'SwitchIndependent' | 'Static' | 'Lacp';
  readonly balancing: string;
}

const HASHES: Readonly<Record<string, string>> = { 'layer3+4': 'TransportPorts', 'layer2+3': 'IPAddresses', layer2: 'MacAddresses' };
const HASH_OF: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(HASHES).map(([hash, word]) => [word.toLowerCase(), hash]),
);

/** Undefined: Windows has no such team. */
export function windowsTeaming(mode: string | undefined, hash: string | undefined): WindowsTeaming | undefined {
  const byHash = HASHES[hash ?? ''];
  switch (mode) {
    case undefined:
    case 'load-based':
    case 'active-backup':
      return { mode: 'SwitchIndependent', balancing: 'Dynamic' };
    case 'port-id':
      return { mode: 'SwitchIndependent', balancing: 'HyperVPort' };
    case 'source-mac':
      return { mode: 'SwitchIndependent', balancing: 'MacAddresses' };
    case 'transmit-balance':
      return { mode: 'SwitchIndependent', balancing: hash === 'layer2+3' ? 'IPAddresses' : 'TransportPorts' };
    case 'static':
      return { mode: 'Static', balancing: byHash ?? 'Dynamic' };
    case 'lacp':
      return { mode: 'Lacp', balancing: byHash ?? 'Dynamic' };
    default:
      return undefined;
  }
}

export interface DeclaredTeaming {
  readonly mode: string;
  readonly hash: string | undefined;
}

/** Undefined: nobody knows these words. */
export function declaredTeaming(mode: string, balancing: string): DeclaredTeaming | undefined {
  const word = balancing.toLowerCase();
  const hash = HASH_OF[word];
  if (hash === undefined && word !== 'dynamic' && word !== 'hypervport') return undefined;
  switch (mode.toLowerCase()) {
    case 'static':
      return { mode: 'static', hash };
    case 'lacp':
      return { mode: 'lacp', hash };
    case 'switchindependent':
      if (word === 'dynamic') return { mode: 'load-based', hash: undefined };
      if (word === 'hypervport') return { mode: 'port-id', hash: undefined };
      return word === 'macaddresses' ? { mode: 'source-mac', hash: undefined } : { mode: 'transmit-balance', hash };
    default:
      return undefined;
  }
}
