import { startInContainer } from './container-server.ts'
import { type Started, startLocally } from './local-server.ts'
import type { Recipe } from './recipe.ts'
import { serverWay } from './way.mjs'

/** Starts a server in the way that this machine has. */
export async function startServer(recipe: Recipe): Promise<Started> {
  return (await serverWay()) === 'containers' ? startInContainer(recipe) : startLocally(recipe)
}
