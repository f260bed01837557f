import { architectureToJson } from '../../model/architecture.ts'
import type { Model } from '../../model/model.ts'
import { writeSafetensors } from '../../model/safetensors.ts'
import { exportOnnx } from './onnx-export.ts'
import { exportTfjs } from './tfjs-export.ts'

/** Formats in which others can read a model. */
export const exportFormats = ['safetensors', 'onnx', 'tfjs'] as const
/** One of them. */
export type ExportFormat = (typeof exportFormats)[number]

const writers: Readonly<Record<ExportFormat, (model: Model) => Map<string, Uint8Array>>> = {
  safetensors: (model) =>
    new Map([
      ['weights.safetensors', writeSafetensors(model.tensors, { format: 'pt' })],
      ['architecture.json', textBytes(`${JSON.stringify(architectureToJson(model.architecture), null, 2)}\n`)],
    ]),
  onnx: (model) => new Map([['model.onnx', exportOnnx(model)]]),
  tfjs: exportTfjs,
}

function textBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/**
 * A model's network in another format: files by name.
 *
 * `safetensors`: the weights by PyTorch's names and the architecture in its words; `onnx`: one graph; `tfjs`: a layers
 * model. The scale of the channels is the card's, not the network's: whoever runs the file scales its input.
 * Errors: `OperatingError('model')` naming the module that the format cannot express, and what to do.
 */
export function exportModel(model: Model, format: ExportFormat): Map<string, Uint8Array> {
  return writers[format](model)
}
