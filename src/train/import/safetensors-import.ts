import { type Architecture, architectureToJson } from '../../model/architecture.ts'
import { createModel, type Model } from '../../model/model.ts'
import { parseSafetensors } from '../../model/safetensors.ts'
import { importCard } from './import-card.ts'

/**
 * A model of a safetensors state dict (float64, float32, float16, bfloat16) and its architecture in PyTorch's words.
 *
 * Errors: `OperatingError('model')` for a damaged file, and for weights that do not belong to the architecture.
 */
export function importSafetensors(bytes: Uint8Array, name: string, architecture: Architecture): Model {
  const { tensors } = parseSafetensors(bytes)
  return createModel(name, architecture, tensors, {
    card: importCard('PyTorch (.safetensors)', architectureToJson(architecture), {}),
  })
}
