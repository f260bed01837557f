import { TestRunner } from 'vitest'
import { startInContainer } from './container-server.ts'
import { programPath } from './install.mjs'
import { type Started, startLocally } from './local-server.ts'
import type { Recipe } from './recipe.ts'
import { serverWay } from './way.mjs'

/**
 * Starts a server in the way that this machine has.
 *
 * `given` is an address from the environment that cannot serve this time, because the test wants TLS, a login or an outage.
 * Where this machine has no such program either, the running test is skipped and says so.
 */
export async function startServer(recipe: Recipe, given?: string): Promise<Started> {
  if ((await serverWay()) === 'containers') return startInContainer(recipe)
  if (given !== undefined && !isInstalled(recipe)) {
    TestRunner.getCurrentTest()?.context.skip(
      `${given} cannot be stopped or given a login, and ${recipe.name} is not installed`,
    )
  }
  return startLocally(recipe)
}

function isInstalled({ name }: Recipe): boolean {
  return programPath(name === 'kafka' ? 'java' : name) !== undefined
}
