import { Command, Option } from 'commander'
import { exportFormats } from '../train/export/export-model.ts'
import { exportToFiles } from './models/export.ts'
import { importToDirectory } from './models/import.ts'
import { listModels } from './models/list.ts'
import { promoteModel } from './models/promote.ts'
import { rollbackModel } from './models/rollback.ts'
import { showModel } from './models/show.ts'
import { addWhoOptions } from './models/who.ts'
import { registryOption } from './registry-option.ts'

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
    .option('--linear <file>', 'the linear part that the network corrects, as models export wrote it (linear.json)')
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
    .argument('<model>', 'a model directory, a name that ships or is registered, or any file that can be imported')
    .addOption(registryOption())
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

function listCommand(): Command {
  return new Command('list')
    .description('what ships and what is registered: versions, which is live, which is the shadow')
    .addOption(registryOption())
    .option('--json', 'one JSON document on standard output')
    .addHelpText('after', '\nExample:\n  residua models list --registry /var/lib/residua/models')
    .action(listModels)
}

function showCommand(): Command {
  return new Command('show')
    .description('a registered model: versions, where they come from, figures, every change')
    .argument('<model>', 'NAME, NAME@VERSION for one version with its network, a name that ships, or a directory')
    .addOption(registryOption())
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      `
Examples:
  residua models show pump
  residua models show pump@3 --json`,
    )
    .action(showModel)
}

function promoteCommand(): Command {
  const command = new Command('promote')
    .description('make a version live, also in plants that run, or let it score beside the live one as the shadow')
    .argument('<model>', 'NAME@VERSION, or a model directory or base, which is copied as the next version of --name')
    .option('--name <name>', 'the model that the directory becomes a version of')
    .option('--shadow', 'make it the shadow instead of live')
    .option('--no-shadow', 'end the shadow of NAME')
    .addOption(registryOption())
  return addWhoOptions(command)
    .addHelpText(
      'after',
      `
A version is a copy that nobody changes: one whose files differ from what was registered is refused.
A plant whose configuration names the model without a version follows within a second and keeps its state where the
networks have one shape. A shadow scores the same readings and raises no alarm; residua models show compares the two.

Examples:
  residua models promote models/pump --name pump --reason "trained on May"
  residua models promote models/tuned --name pump --shadow
  residua models promote pump@2 --reason "a week as the shadow, half the false alarms"
  residua models promote pump --no-shadow`,
    )
    .action(promoteModel)
}

function rollbackCommand(): Command {
  const command = new Command('rollback')
    .description('make live again what was live before')
    .argument('<name>', 'the registered model')
    .option('--to <version>', 'a version that was live earlier (default: the last one)')
    .addOption(registryOption())
  return addWhoOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  residua models rollback pump --reason "alarms at every start of the pump"
  residua models rollback pump --to 1`,
    )
    .action(rollbackModel)
}

/** `residua models`: networks from elsewhere and for elsewhere, and the versions that a plant has of its own. */
export function modelsCommand(): Command {
  const commands = [listCommand, showCommand, promoteCommand, rollbackCommand, importCommand, exportCommand]
  const models = new Command('models').description(
    'versions of models, which of them is live; networks from and for elsewhere',
  )
  for (const make of commands) models.addCommand(make().exitOverride())
  return models
}
