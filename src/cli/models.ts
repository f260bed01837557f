import { Command, Option } from 'commander'
import { exportFormats } from '../train/export/export-model.ts'
import { exportToFiles } from './models/export.ts'
import { importToDirectory } from './models/import.ts'

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

function importCommand(): Command {
  return new Command('import')
    .description('make a model directory of a file of PyTorch, Keras, ONNX or TensorFlow.js')
    .argument('<file>', '.safetensors, .pt, .keras, .h5, .onnx, or the model.json of TF.js')
    .requiredOption('--out <dir>', 'the model directory that is written')
    .option('--architecture <file>', "for .safetensors and .pt: the modules as JSON in PyTorch's words")
    .option('--name <name>', "the model's name (default: that of the directory)")
    .option('--scaler <file>', 'how its inputs were scaled: a JSON file, none, or warm-up')
    .option('--period <duration>', 'the time between the readings that it was trained on, such as 5m, or any')
    .option('--sensor <id>', 'a channel of its input, in order; may be repeated', collect)
    .option('--horizons <n>', 'it predicts so many steps ahead; without it the model only runs')
    .addOption(new Option('--target <what>', 'with --horizons: what its outputs are').choices(['level', 'change']))
    .option('--input-clip <n>', 'with --horizons: inputs are clipped to ± this many scales (default: hardly ever)')
    .option('--force', 'write over a model that is there')
    .addHelpText(
      'after',
      `
The scaler file: {"kind":"standard","scales":{"temperature":{"center":20,"scale":2.5}}}
  v = (x − center) / scale for each channel; kinds: standard, robust, minmax, none.

Examples:
  residua models import lstm.keras --out models/pump --scaler scaler.json --period 5m --horizons 1 --target level
  residua models import gru.pt --architecture gru.json --out models/gru --scaler warm-up --period 1s
  residua models import net.onnx --out models/net --scaler none --sensor temperature --period 1m`,
    )
    .action(importToDirectory)
}

function exportCommand(): Command {
  return new Command('export')
    .description('write the network of a model in a format of PyTorch, ONNX or TensorFlow.js')
    .argument('<model>', 'a model directory, a name that ships, or any file that can be imported')
    .addOption(new Option('--format <name>', 'the format').choices(exportFormats).makeOptionMandatory())
    .requiredOption('--out <dir>', 'the directory that the files are written to')
    .option('--architecture <file>', "for .safetensors and .pt: the modules as JSON in PyTorch's words")
    .option('--force', 'write over files that are there')
    .addHelpText(
      'after',
      `
The scale of the channels is no part of the network: whoever runs the file scales its input.

Examples:
  residua models export base --format onnx --out exported
  residua models export models/pump --format safetensors --out exported`,
    )
    .action(exportToFiles)
}

/** `residua models`: networks from elsewhere, and for elsewhere. */
export function modelsCommand(): Command {
  return new Command('models')
    .description('import a network from another program, or export one to it')
    .addCommand(importCommand().exitOverride())
    .addCommand(exportCommand().exitOverride())
}
