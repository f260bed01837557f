import { Command, Option } from 'commander'
import { messageOf, OperatingError } from '../base/errors.ts'
import type { KernelName } from '../model/create-kernel.ts'
import type { Log } from '../ports/log.ts'
import { composePlant, type Plant } from './compose-plant.ts'
import { exitCodes } from './exit-codes.ts'
import { kernelOption } from './kernel-option.ts'
import { createLog, type LogLevel, logLevels } from './log.ts'
import { readConfig } from './read-config.ts'
import { registryOption } from './registry-option.ts'
import { type StopSignal, untilSignal } from './until-signal.ts'

interface RunOptions {
  readonly config: string
  readonly json?: boolean
  readonly logLevel: LogLevel
  readonly kernel: KernelName
  readonly allowKernelChange?: boolean
  readonly registry?: string
}

type Ending = { readonly by: StopSignal | 'end of input' } | { readonly by: 'failure'; readonly error: unknown }

/** Runs a plant until its finite sources end, a source fails for good, or somebody asks it to stop. */
async function runToEnd(plant: Plant, log: Log): Promise<number> {
  const signal = untilSignal((by) => {
    log.info({ signal: by }, 'stopping: sinks are flushed and the state is saved; once more to stop at once')
  })
  try {
    const starting = plant.start()
    const early = await Promise.race([starting.then(() => null), signal.heard])
    if (early !== null) {
      // A start that still reads history ends where it is; nothing was taken yet.
      await plant.stop()
      await starting.catch(() => undefined)
      return early === 'SIGINT' ? exitCodes.interrupted : exitCodes.done
    }
    const { url } = await starting
    log.info({ url }, `the page is at ${url}`)
    const finished = plant.engine.finished.then(
      (): Ending => ({ by: 'end of input' }),
      (error: unknown): Ending => ({ by: 'failure', error }),
    )
    const ending = await Promise.race([signal.heard.then((by): Ending => ({ by })), finished])
    await plant.stop()
    if (ending.by === 'failure') throw ending.error
    log.info({ by: ending.by }, 'stopped')
    return ending.by === 'SIGINT' ? exitCodes.interrupted : exitCodes.done
  } finally {
    signal.forget()
  }
}

/** A bug anywhere is logged before the process ends; returns what takes the watch away again. */
function watchForBugs(log: Log): () => void {
  const ended = (error: unknown): void => {
    const stack = error instanceof Error ? error.stack : undefined
    log.error({ error: messageOf(error), stack }, 'a bug ended the process; a restart goes on from the last checkpoint')
    process.exit(exitCodes.operating)
  }
  process.on('uncaughtException', ended)
  process.on('unhandledRejection', ended)
  return () => {
    process.off('uncaughtException', ended)
    process.off('unhandledRejection', ended)
  }
}

async function run({
  config: file,
  json,
  logLevel,
  kernel,
  allowKernelChange = false,
  registry,
}: RunOptions): Promise<void> {
  const config = readConfig(file, registry)
  const inJson = json === true || process.stderr.isTTY !== true
  const log = createLog({ level: logLevel, json: inJson })
  const unwatch = watchForBugs(log)
  try {
    process.exitCode = await runToEnd(await composePlant(config, { log, kernel, allowKernelChange }), log)
  } catch (error) {
    if (!inJson || !(error instanceof OperatingError)) throw error
    log.error({ code: error.code, stage: error.stage }, error.message)
    process.exitCode = exitCodes.operating
  } finally {
    unwatch()
  }
}

/** `residua run`: the live pipeline, until it is asked to stop. */
export function runCommand(): Command {
  return new Command('run')
    .description('run the live pipeline of a configuration')
    .option('-c, --config <file>', 'the configuration', 'residua.yaml')
    .option('--json', 'log JSON lines, on a terminal too')
    .addOption(new Option('--log-level <level>', 'how much is logged').choices(logLevels).default('info'))
    .addOption(kernelOption())
    .addOption(registryOption())
    .option(
      '--allow-kernel-change',
      'go on from a state that another kernel wrote, where its rows have the same layout',
    )
    .addHelpText(
      'after',
      `
The log goes to standard error: text on a terminal, one JSON line per event otherwise.
SIGTERM and Ctrl-C drain: sinks are flushed, the state is saved, then the process ends (0, or 130 after Ctrl-C);
a second one ends it at once, and a restart goes on from the last checkpoint.
A state names the kernel that wrote it and is refused by another: their scores agree within rounding, not in bits.
--allow-kernel-change takes it over where both keep it alike (no attention, and layers of a multiple of four units).

Examples:
  residua run -c residua.yaml
  residua run -c plant.yaml --json --log-level warn`,
    )
    .action(run)
}
