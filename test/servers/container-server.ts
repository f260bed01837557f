import type { Started } from './local-server.ts'
import type { Recipe } from './recipe.ts'
/** Starts a server in a container. */
export async function startInContainer(recipe: Recipe): Promise<Started> {
  throw new Error(`no container for ${recipe.name}: set RESIDUA_TEST_SERVERS=local`)
}
