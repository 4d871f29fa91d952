/** A service of the fabric on a real socket: what connects there goes on over the TCP of one of its hosts. */
import type { PublicationPlan } from '../../fabric/network/plan.ts';
import type { TcpStack } from '../../inet/tcp/stack.ts';
import { formatIp } from '../../wire/ip/address.ts';
import { formatAddress } from '../../fabric/address.ts';
import { listen, type Listener } from '../listener.ts';
import { streamFromSocket } from '../socket-stream.ts';
import { type Relay, streamRelay } from './stream-relay.ts';

const CONNECTIONS_MAX = 1024;

/** Rejects with an Error of one clear sentence. */
export async function publish(plan: PublicationPlan, stack: TcpStack): Promise<Listener> {
  const relays = new Set<Relay>();
  const listener = await listen(
    plan.listen.host,
    plan.listen.port,
    (socket) => {
      const relay = streamRelay(() => relays.delete(relay));
      relays.add(relay);
      relay.attach(0, streamFromSocket(socket, relay.receivers[0]));
      const inside = stack.connect(plan.to, plan.port, { receiver: relay.receivers[1], opened: (stream) => relay.attach(1, stream) });
      // No way there: whoever connected is told by the end of the connection.
      if (inside === undefined) relay.receivers[1].handleClose('no way there');
    },
    { connectionsMax: CONNECTIONS_MAX },
  );
  return {
    ...listener,
    close: async () => {
      await listener.close();
      for (const relay of relays) relay.close();
    },
  };
}

export const publishedTo = ({ to, port }: PublicationPlan): string => formatAddress(formatIp(to), port);
