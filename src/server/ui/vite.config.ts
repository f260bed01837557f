import { join } from 'node:path'
import { defineConfig } from 'vite'

const here = import.meta.dirname

/** Builds the page into `dist/ui`: `vite build --config src/server/ui/vite.config.ts`, from any folder. */
export default defineConfig({
  root: here,
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: join(here, '..', '..', '..', 'dist', 'ui'),
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy allows no data: addresses, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})
