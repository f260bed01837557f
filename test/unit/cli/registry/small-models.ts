import { join } from 'node:path'
import { writeModelFiles } from '../../../../src/cli/model-directory.ts'
import { folderOf, writeModelSet } from '../../../../src/cli/model-set.ts'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import { createModel, type Model, type ModelCard } from '../../../../src/model/model.ts'
import { initialModel } from '../../../../src/train/fit/initial-weights.ts'

const architecture = parseArchitecture({
  modules: [
    { name: 'gru', type: 'GRU', input_size: 1, hidden_size: 4 },
    { name: 'head', type: 'Linear', in_features: 4, out_features: 2, on: 'every' },
  ],
})

/** A card as a training writes it. */
export const card: ModelCard = {
  ...{
    summary: 'Tuned.',
    data: 'some rows',
    seed: 1,
    epochs: 2,
    losses: { train: 0.5 },
    settings: {},
    command: 'train',
  },
  from: 'base-83faae43693dae6b',
  trainedOn: { fingerprint: 'f'.repeat(64), rows: 100, fromMs: 1_000, toMs: 9_000, channels: ['a'], files: ['a.csv'] },
  metrics: { testRows: 20, relativeError: 0.8 },
}

/** A small forecasting model whose weights follow from the seed. */
export function smallModel(seed: number, own: ModelCard | null = card): Model {
  const { tensors } = initialModel(architecture, { seed, init: 'pytorch' })
  return createModel('small', architecture, tensors, { forecast: { horizons: 2, inputClip: 8 }, card: own })
}

/** Writes a small model's directory and answers with it. */
export function writeSmallModel(dir: string, seed: number, own?: ModelCard | null): string {
  writeModelFiles(dir, smallModel(seed, own))
  return dir
}

/** Writes a directory with a model for each of the sensors. */
export function writeSmallSet(dir: string, sensors: readonly string[]): string {
  const folders = new Map(sensors.map((sensor) => [sensor, folderOf(sensor)]))
  for (const [at, [sensor, folder]] of [...folders].entries()) {
    const trainedOn = { ...card.trainedOn!, channels: [sensor], fingerprint: String(at), toMs: 9_000 + at }
    writeModelFiles(join(dir, folder), smallModel(at + 1, { ...card, trainedOn }))
  }
  writeModelSet(dir, folders)
  return dir
}
