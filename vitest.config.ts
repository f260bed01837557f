import { defineConfig } from 'vitest/config'

const tiers = ['unit', 'contract', 'property', 'golden', 'style', 'integration', 'browser', 'accuracy']

export default defineConfig({
  test: {
    projects: tiers.map((tier) => ({
      test: {
        name: tier,
        include: [`test/${tier}/**/*.test.ts`],
        testTimeout: tier === 'integration' || tier === 'browser' ? 60_000 : 30_000,
        hookTimeout: 120_000,
      },
    })),
  },
})
