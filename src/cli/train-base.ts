import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { architectureToJson } from '../model/architecture.ts'
import type { Model } from '../model/model.ts'
import { writeSafetensors } from '../model/safetensors.ts'
import { baseSettings, pretrain, pretrainedModel } from '../train/pretrain.ts'

/** Writes a model directory: `model.json` with architecture and card, `weights.safetensors`. */
export function writeModelFiles(dir: string, model: Model): void {
  mkdirSync(dir, { recursive: true })
  const json = {
    format: 1,
    name: model.name,
    architecture: architectureToJson(model.architecture),
    forecast: model.forecast,
    fingerprint: model.fingerprint,
    card: model.card,
  }
  writeFileSync(join(dir, 'model.json'), `${JSON.stringify(json, null, 2)}\n`)
  writeFileSync(join(dir, 'weights.safetensors'), writeSafetensors(model.tensors, { format: 'pt' }))
}

function main(dir: string): void {
  const result = pretrain(baseSettings, (epoch, loss) => {
    process.stderr.write(`epoch ${epoch} of ${baseSettings.epochs}: loss ${loss.toFixed(5)}\n`)
  })
  const model = pretrainedModel('base', baseSettings, result, 'npm run train:base')
  writeModelFiles(dir, model)
  process.stderr.write(
    `unseen sensors: loss ${result.unseenLoss.toFixed(5)}, persistence ${result.persistenceLoss.toFixed(5)}\n` +
      `${dir}: weights ${model.fingerprint}\n`,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main(process.argv[2] ?? 'src/model/base')
