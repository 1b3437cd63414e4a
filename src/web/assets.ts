import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

const own = (name: string) => fileURLToPath(new URL(`./assets/${name}`, import.meta.url));
const packaged = createRequire(import.meta.url).resolve;

/** The style sheet's parts. Later ones win over earlier ones of the same weight. */
const STYLES = [
  'tokens',
  'base',
  'frame',
  'content',
  'tables',
  'forms',
  'policies',
  'policy-form',
  'who',
  'combobox',
  'settings',
  'directory',
  'health',
  'narrow',
];

/** Everything that a page loads, by the name that templates use: one file, or several that are served as one. */
const FILES: Record<string, string[]> = {
  'app.css': STYLES.map((name) => own(`${name}.css`)),
  'app.js': [own('combobox.js'), own('answers.js'), own('app.js')],
  'logo.svg': [own('logo.svg')],
  'htmx.js': [packaged('htmx.org/dist/htmx.min.js')],
  'normalize.css': [packaged('modern-normalize/modern-normalize.css')],
};

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Serves the assets under addresses that change with their content, so that browsers keep them for ever. */
export function registerAssets(app: FastifyInstance): (name: string) => string {
  const addresses = new Map<string, string>();
  for (const [name, files] of Object.entries(FILES)) {
    const plain = Buffer.concat(files.map((file) => readFileSync(file)));
    const bodies = {
      br: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
      gzip: gzipSync(plain, { level: 9 }),
    };
    const extension = extname(name);
    const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 12);
    const address = `/assets/${name.slice(0, -extension.length)}.${hash}${extension}`;
    addresses.set(name, address);
    app.get(address, { config: { access: 'anyone' }, compress: false }, async (request, reply) => {
      const accepted = String(request.headers['accept-encoding'] ?? '');
      const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : null;
      reply.header('cache-control', 'public, max-age=31536000, immutable').header('vary', 'Accept-Encoding');
      if (encoding) reply.header('content-encoding', encoding);
      return reply.type(TYPES[extension] ?? 'application/octet-stream').send(encoding ? bodies[encoding] : plain);
    });
  }
  return (name) => {
    const address = addresses.get(name);
    if (!address) throw new Error(`there is no asset called ${name}`);
    return address;
  };
}
