import { Command } from 'commander'
import { fileSinkOptions } from '../adapters/file/options.ts'
import { FileSink } from '../adapters/file/sink.ts'
import { calendarOptions } from './calendar-options.ts'
import { exitCodes } from './exit-codes.ts'
import { kernelOption } from './kernel-option.ts'
import { registryOption } from './registry-option.ts'
import { composeReplay } from './replay/compose.ts'
import { planReplay, type ReplayArguments, type ReplayPlan } from './replay/plan.ts'
import { Progress } from './replay/progress.ts'
import { reportJson, reportText } from './replay/report.ts'
import { batchReadings } from './replay/sink-settings.ts'
import { untilSignal } from './until-signal.ts'

function outputSink({ asset, out, alarms }: ReplayPlan): FileSink[] {
  if (out === undefined && alarms === undefined) return []
  const options = { type: 'file', scores: out, alarms, sync: false, batchReadings }
  return [new FileSink('output', fileSinkOptions.parse(options), asset === null ? 'replay' : 'replay of assets')]
}

async function runReplay(inputs: readonly string[], args: ReplayArguments): Promise<void> {
  const plan = planReplay(inputs, args)
  const json = args.json === true
  const progress = json ? undefined : new Progress(process.stderr, () => performance.now())
  const replay = await composeReplay(plan, outputSink(plan), progress, json)
  const { engine, catalog, tally, broken } = replay
  const signal = untilSignal()
  const beganMs = performance.now()
  try {
    await engine.start()
    const interrupted = await Promise.race([engine.finished.then(() => false), signal.heard.then(() => true), broken])
    await engine.stop()
    progress?.end()
    const seconds = (performance.now() - beganMs) / 1_000
    const inputs = [...catalog.ids()].filter(([, slot]) => catalog.spec(slot).isInput).length
    const end = { sensors: catalog.size - inputs, inputs, masked: replay.maskedContext(), seconds, interrupted }
    process.stdout.write(json ? `${reportJson(tally, plan, end)}\n` : reportText(tally, plan, end))
    process.exitCode = end.interrupted ? exitCodes.interrupted : exitCodes.done
  } catch (error) {
    progress?.end()
    await engine.stop()
    throw error
  } finally {
    signal.forget()
  }
}

/** `residua replay`: history through the live pipeline, as fast as possible. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('score files of history through the same pipeline that runs live, as fast as possible')
    .argument(
      '<input...>',
      'CSV, NDJSON or line protocol files, each also as .gz; or one kafka:// or influxdb:// address',
    )
    .option('--as <what>', 'sensors: each column is scored alone; asset: all columns are one machine', 'sensors')
    .option('--model <name or folder>', 'the model: a name that ships, a directory, or one that is registered', 'base')
    .addOption(registryOption())
    .addOption(kernelOption())
    .option('--learn-rows <n>', 'the first n rows of each sensor are known to be normal: learn on them')
    .option('--learn-until <time>', 'rows before this time are known to be normal: learn on them')
    .option('--sensitivity <word>', 'low, normal or high: the false alarms that are acceptable', 'normal')
    .option('--adapt <what>', 'none, scale, readout or both: what of a forecast follows normal readings', 'none')
    .option('--ignore <columns>', 'columns that are no channels, separated by commas')
    .option(
      '--context <columns>',
      'columns that explain the others (commands, set points, loads): inputs, never scored',
    )
    .option('--out <file>', 'scores as .csv, .ndjson or .lp; without it the summary only')
    .option('--alarms <file>', 'the alarm list as .csv, .ndjson or .lp')
    .option('--time <column>', 'the time column (the first one by default)')
    .option(...calendarOptions[0])
    .option(...calendarOptions[1])
    .option(...calendarOptions[2])
    .option('--time-unit <unit>', 'unit of numeric times: ns, us, ms, s, min or h since 1970 (found by size otherwise)')
    .option('--format <format>', 'csv, ndjson or lp, whatever the extension says')
    .option('--speed <factor>', '60 plays an hour in a minute; as fast as possible by default')
    .option('--username <name>', 'user of a kafka:// or influxdb:// input')
    .option(
      '--password <reference>',
      "its password: '${NAME}' of the environment or file:PATH, never the password itself",
    )
    .option('--json', 'the summary as one JSON object')
    .addHelpText(
      'after',
      `
CSV comes in three forms; comma, semicolon or tab between cells:
  long    timestamp,sensor,value[,quality]
  wide    timestamp and one column a channel
  single  timestamp,value (the sensor is the file's name)

kafka://HOST:9092/TOPIC is read from the oldest message to the newest at the start (JSON; --format lp or csv).
influxdb://HOST:8086/DATABASE?query=SELECT … is read in the order of the answer; ?…&tls=true for both.

Examples:
  residua replay 'influxdb://influx/plant?query=SELECT value, sensor FROM readings' --username r --password '\${PW}'
  residua replay machine.csv --learn-rows 2000 --out scores.csv --alarms alarms.csv
  residua replay week-1.csv.gz week-2.csv.gz --timezone Europe/Berlin --ignore label`,
    )
    .action(runReplay)
}
