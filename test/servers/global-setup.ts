import { removeContainers } from './container-server.ts'
import { closeRunFolder, openRunFolder } from './run-folder.ts'
import { openSharedServers } from './shared.ts'

/** Runs once before all tests of a vitest run; what it returns runs once after them. */
export default async function setup(): Promise<() => Promise<void>> {
  const folder = openRunFolder()
  const closeShared = await openSharedServers()
  return async () => {
    await closeShared()
    await removeContainers(folder)
    closeRunFolder(folder)
  }
}
