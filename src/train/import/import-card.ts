import type { ModelCard } from '../../model/model.ts'
import type { Declaration } from './declaration.ts'

/** How each convention of the GRU is written down, for the card. */
const conventions: Readonly<Record<string, string>> = {
  reset_after: "n = tanh(W x + b + r·(U h + c)), h' = (1 − z)·n + z·h, as PyTorch and cuDNN",
  reset_before: "n = tanh(W x + b + U (r·h)), h' = (1 − z)·n + z·h, as Keras reset_after=False",
  textbook: "n = tanh(W x + b + U (r·h)), h' = (1 − z)·h + z·n, as Cho et al. 2014",
}

/**
 * The card of an imported model: where it came from, and which convention each recurrent module follows.
 *
 * A foreign file does not say on what it was trained, nor how: those fields say so.
 */
export function importCard(
  source: string,
  { modules, leftOut = [] }: Pick<Declaration, 'modules'> & Partial<Pick<Declaration, 'leftOut'>>,
  settings: ModelCard['settings'],
): ModelCard {
  const kinds = new Map<string, string>()
  for (const { type, name, convention, gate_activation: gate } of modules) {
    // A declaration leaves out what is PyTorch's own.
    const written = convention ?? (String(type).startsWith('GRU') ? 'reset_after' : undefined)
    const own = [conventions[String(written)], gate === undefined ? undefined : `gates by ${String(gate)}`]
    const said = own.filter((one) => one !== undefined)
    if (said.length > 0) kinds.set(`${String(type)} ${String(name)}`, said.join('; '))
  }
  return {
    summary: `Imported from ${source}`,
    data: 'not recorded in the file',
    seed: 0,
    epochs: 0,
    losses: {},
    settings: {
      ...settings,
      ...Object.fromEntries(kinds),
      ...(leftOut.length > 0 ? { left_out_of_training: leftOut.join('; ') } : {}),
    },
    command: '',
  }
}
