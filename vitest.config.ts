import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const tiers = [
  'unit',
  'contract',
  'property',
  'golden',
  'style',
  'integration',
  'browser',
  'accuracy',
  'examples',
  'bench',
  'sim',
]
const slow = ['integration', 'browser', 'contract', 'style', 'bench']

export default defineConfig({
  test: {
    // All cores: the default leaves one idle, which of two is half.
    maxWorkers: availableParallelism(),
    // Opens the run's folder and the desk of shared servers; starts no server by itself.
    globalSetup: ['test/servers/global-setup.ts'],
    projects: tiers.map((tier) => ({
      test: {
        name: tier,
        include: [`test/${tier}/**/*.test.ts`],
        testTimeout: slow.includes(tier) ? 60_000 : 30_000,
        hookTimeout: 120_000,
      },
    })),
  },
})
