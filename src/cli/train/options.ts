import { type Command, Option } from 'commander'
import { lossNames } from '../../train/fit/target-loss.ts'
import { presets } from '../../train/presets.ts'
import { calendarOptions } from '../calendar-options.ts'

/** Options of inputs, with the same names as those of `replay`. */
export function addInputOptions(command: Command): Command {
  return command
    .argument(
      '<input...>',
      'CSV, NDJSON or line protocol files, each also as .gz; or one kafka:// or influxdb:// address',
    )
    .option('--as <what>', 'sensors: a model a channel; asset: one joint model of all channels', 'sensors')
    .option('--asset <name>', 'name of the asset, with --as asset', 'asset')
    .option('--learn-rows <n>', 'the first n rows of each sensor are known to be normal')
    .option('--learn-until <time>', 'rows before this time are known to be normal')
    .option('--ignore <columns>', 'columns that are no channels, separated by commas')
    .option('--context <columns>', 'columns that explain the others: inputs, never predicted')
    .option('--time <column>', 'the time column (the first one by default)')
    .option(...calendarOptions[0])
    .option(...calendarOptions[1])
    .option(...calendarOptions[2])
    .option('--time-unit <unit>', 'unit of numeric times: ns, us, ms, s, min or h since 1970')
    .option('--format <format>', 'csv, ndjson or lp, whatever the extension says')
    .option('--username <name>', 'user of a kafka:// or influxdb:// input')
    .option(
      '--password <reference>',
      "its password: '${NAME}' of the environment or file:PATH, never the password itself",
    )
    .option('--json', 'the summary as one JSON object')
}

/** Options of the plan: what becomes of the data, the network, the fit. */
export function addPlanOptions(command: Command): Command {
  const names = Object.keys(presets).join(', ')
  return command
    .option('--plan <file>', 'a plan as YAML or JSON: preset, model, data, fit')
    .option('--preset <name>', `a network by name: ${names} (default gru)`)
    .option('--window <rows>', 'rows of a window')
    .option('--horizons <n>', 'steps ahead that are predicted')
    .option('--period <duration>', 'puts the readings on a grid first, such as 5m')
    .option('--scaler <kind>', 'standard, robust, minmax or none')
    .option('--calendar <cycles>', 'tells the network the time: hour, day, week, year, shift')
    .option('--loss <name>', `one of ${lossNames.join(', ')}`)
    .option('--epochs <n>', 'rounds over the windows, at most')
    .option('--seed <n>', 'the same seed gives the same weights, bit for bit')
    .option('--engine <name>', 'residua, or tfjs: TensorFlow.js')
    .addOption(
      new Option('--set <path=value>', 'any field of the plan, such as fit.rate=0.01; may be repeated').argParser(
        (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
      ),
    )
}
