import { pathToFileURL } from 'node:url'
import { baseSettings, pretrain, pretrainedModel } from '../train/pretrain.ts'
import { writeModelFiles } from './model-directory.ts'

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
