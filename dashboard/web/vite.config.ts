/** How the page is built: into dist/dashboard/web, from where the server hands it out. */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  plugins: [svelte({ configFile: here('./svelte.config.js') })],
  build: {
    outDir: here('../../dist/dashboard/web'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // A page that is worked on, beside a running `postreel relay` or `postreel ui`.
  server: { proxy: { '/api': { target: 'http://127.0.0.1:27314', ws: true } } },
});
