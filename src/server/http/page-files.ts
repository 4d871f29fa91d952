/** The page's own files, as the build left them. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** From `src/server/http` and from `dist/server/http` alike. */
const PAGE_FOLDER = fileURLToPath(new URL('../../../dist/page/', import.meta.url));

const UNBUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Samewire</title>
<h1>The page has not been built</h1>
<p>The fabric is up, and its API answers: see <a href="/api/openapi.json">/api/openapi.json</a>.</p>
<p>Build the page with <code>npm run build</code>, then load this again.</p>
</html>
`;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Everybody who reaches the page may have it. */
    readonly isOpen?: boolean;
  }
}

export async function addPageFiles(app: FastifyInstance, folder = PAGE_FOLDER): Promise<void> {
  await app.register(async (pages) => {
    // Whoever may see no more than that there is a page may see it.
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, isOpen: true };
      route.schema = { ...route.schema, hide: true };
    });
    if (!existsSync(`${folder}index.html`)) {
      pages.get('/', (_, reply) => reply.type('text/html; charset=utf-8').send(UNBUILT));
      return;
    }
    await pages.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      setHeaders(response, path) {
        // The bundler names these by what is in them.
        response.setHeader(
          'cache-control',
          /[\\/]assets[\\/]/.test(path.slice(folder.length - 1)) ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    });
  });
}
