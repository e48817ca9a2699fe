import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

// Real sockets and real processes on shared machines: generous limits, so that slow is not failed.
const patience = { testTimeout: 30_000, hookTimeout: 30_000 };

export default defineConfig({
  test: {
    passWithNoTests: false,
    allowOnly: false,
    // Vitest leaves one core to itself otherwise, of two. More tests than cores would starve players and relays.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/dashboard/web/**'],
          ...patience,
        },
      },
      {
        plugins: [
          svelte({ configFile: `${import.meta.dirname}/dashboard/web/svelte.config.js` }),
          svelteTesting(),
        ],
        test: {
          name: 'web',
          include: ['test/dashboard/web/**/*.test.ts'],
          environment: 'jsdom',
          ...patience,
        },
      },
    ],
  },
});
