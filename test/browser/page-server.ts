import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '../../src/ports/log.ts'
import type { PlantModels } from '../../src/ports/plant-models.ts'
import type { ServerOptions } from '../../src/server/options.ts'
import { createServer } from '../../src/server/server.ts'
import { silentMetrics } from '../unit/server/fixtures.ts'
import { FakePlant } from './fake-plant.ts'

const root = join(import.meta.dirname, '..', '..')
const uiDirectory = join(root, 'dist', 'ui')

/** Builds the page when nobody has built it yet; `npm test` does so before. */
function buildWhenMissing(): void {
  if (existsSync(join(uiDirectory, 'index.html'))) return
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  execFileSync(process.execPath, [vite, 'build', '--config', 'src/server/ui/vite.config.ts'], { cwd: root })
}

/** The real server on a free port, in front of a fake plant. */
export async function servePlant(sensors: number, options: Partial<ServerOptions> = {}, models?: PlantModels) {
  buildWhenMissing()
  const plant = new FakePlant({ sensors, startMs: Date.now() })
  const create = (port: number) =>
    createServer({
      api: plant,
      ...(models === undefined ? {} : { models }),
      metrics: silentMetrics,
      options: { host: '127.0.0.1', port, ...options },
      log: silentLog,
      uiDirectory,
      version: '0.1.0',
    })
  let server = create(0)
  const { url } = await server.listen()
  return {
    plant,
    url,
    /** Takes the server away, as a restart of the process does. */
    async down(): Promise<void> {
      await server.close()
    },
    async up(): Promise<void> {
      server = create(Number(new URL(url).port))
      await server.listen()
    },
    async close(): Promise<void> {
      plant.stop()
      await server.close()
    },
  }
}
