/** A running fabric's server: samples, answers on the control socket and on the page's address, and stops with the fabric. */
import { controlPaths, openControlSocket } from '../../os/control-socket.ts';
import type { Served } from '../api/operation.ts';
import { attachFeed, type Feed } from '../feed-socket.ts';
import type { RunningFabric } from '../running-fabric.ts';
import type { Sampler } from '../view/sampler.ts';
import { startSampler } from '../view/start-sampler.ts';
import { buildApp, openDoor } from './app.ts';
import type { PageChoice } from './page-address.ts';
import { openPageListener, type PageListener } from './page-listener.ts';

export interface FabricServer {
  readonly sampler: Sampler;
  /** Where the fabric of this file is asked; gives back the path of the socket. Rejects with an Error of one clear sentence. */
  openControl(file: string): Promise<string>;
  /** Gives back the address of the page, with its token. Rejects with an Error of one clear sentence. */
  openPage(choice: PageChoice): Promise<string>;
  /** Who looks is told that the fabric is being stopped. */
  handleStopping(): void;
  /** What goes on ends, and its readers are told how it was. */
  close(): Promise<void>;
}

export type OpenServer = (fabric: RunningFabric, environment: Readonly<Record<string, string | undefined>>) => Promise<FabricServer>;

export const openServer: OpenServer = async (fabric, environment) => {
  const sampler = startSampler(fabric);
  let page: PageListener | undefined;
  let feed: Feed | undefined;
  const served: Served = { fabric, sampler, url: () => page?.url };
  const closers: (() => Promise<void>)[] = [];
  const app = await buildApp(served);
  return {
    sampler,
    async openControl(file) {
      const control = await openControlSocket(controlPaths(file, environment), (incoming, response) =>
        app.handle(incoming, response, openDoor),
      );
      closers.push(() => control.close());
      return control.path;
    },
    async openPage(choice) {
      const opened = await openPageListener(choice, app, fabric.events.sink);
      page = opened;
      feed = attachFeed(opened.server, served, (request) => {
        const verdict = opened.authorize(request);
        return 'status' in verdict ? { allowed: false, status: verdict.status } : { allowed: true, mayAct: verdict.mayAct };
      });
      closers.push(() => opened.close());
      return `${opened.url}#token=${opened.token}`;
    },
    handleStopping: () => void feed?.close(),
    async close() {
      await feed?.close();
      sampler.close();
      await app.endStreams();
      await Promise.all(closers.map((close) => close()));
      await app.close();
    },
  };
};
