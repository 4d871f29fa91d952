/** What hosts refer to, looked up in the fabric. */
import type { ServerReference } from './host-model.ts';
import type { Fabric, Portal, StorageArray } from './model.ts';

/** The array and portal that a reference means; undefined if the fabric has none such. */
export function findServer(fabric: Fabric, server: ServerReference): { readonly array: StorageArray; readonly portal: Portal } | undefined {
  if (server.kind === 'array') {
    const array = fabric.arrays.find((candidate) => candidate.name === server.array);
    const portal = server.portal === undefined ? array?.portals[0] : array?.portals.find((candidate) => candidate.name === server.portal);
    return array === undefined || portal === undefined ? undefined : { array, portal };
  }
  const { host, port } = server.address;
  for (const array of fabric.arrays) {
    const portal = array.portals.find(({ listen, announce }) => {
      const announced = announce !== undefined && announce.host === host && (announce.port ?? listen.port) === port;
      return announced || (listen.host === host && listen.port === port);
    });
    if (portal !== undefined) return { array, portal };
  }
  return undefined;
}
