import { Command, CommanderError } from 'commander'
import { exitCodes } from './exit-codes.ts'
import { describeFailure } from './failure.ts'
import { residuaVersion } from './version.ts'

interface CommandRow {
  readonly summary: string
  /** The code of a command is loaded when it is the one that runs, so that help is immediate. */
  readonly load: () => Promise<Command>
}

const commands: Readonly<Record<string, CommandRow>> = {
  demo: {
    summary: 'a simulated plant with faults and a real machine, in one process, with its page',
    load: async () => (await import('./demo.ts')).demoCommand(),
  },
  run: {
    summary: 'run the live pipeline of a configuration',
    load: async () => (await import('./run.ts')).runCommand(),
  },
  replay: {
    summary: 'score files of history through the same pipeline, as fast as possible',
    load: async () => (await import('./replay.ts')).replayCommand(),
  },
  train: {
    summary: 'make a model from history',
    load: async () => (await import('./train.ts')).trainCommand(),
  },
  tune: {
    summary: 'search for the plan that forecasts best',
    load: async () => (await import('./tune.ts')).tuneCommand(),
  },
  evaluate: {
    summary: 'judge a model beside simple methods',
    load: async () => (await import('./evaluate.ts')).evaluateCommand(),
  },
  check: {
    summary: 'validate a configuration, try its connections, show what it comes to',
    load: async () => (await import('./check.ts')).checkCommand(),
  },
  models: {
    summary: 'versions of models, which is live or the shadow; import from and export to other programs',
    load: async () => (await import('./models.ts')).modelsCommand(),
  },
  bench: {
    summary: "this machine's own figures: steps a second, latency, the whole pipeline, memory",
    load: async () => (await import('./bench.ts')).benchCommand(),
  },
}

/** Commands that the documentation of the product names and this version does not have. */
const notBuilt = new Set(['backtest'])

const examples = `
Examples:
  residua demo                                   everything embedded; open the page it names
  residua check -c residua.yaml                  what is wrong, what is reachable, what it needs
  residua run -c residua.yaml
  residua replay history.csv --out scores.csv

Exit codes: 0 done, 1 operating error, 2 wrong usage or configuration, 130 interrupted.`

function refuseUnknown(name: string): string {
  const known = Object.keys(commands).join(', ')
  const why = notBuilt.has(name) ? `the command ${name} is not part of ${residuaVersion}` : `unknown command ${name}`
  return `error: ${why}; this version has ${known}\n`
}

/** The first word that is no option: the name of the command. */
function commandName(args: readonly string[]): string | undefined {
  const name = args.find((arg) => !arg.startsWith('-'))
  return name === 'help' ? args[args.indexOf(name) + 1] : name
}

async function createProgram(asked: string | undefined): Promise<Command> {
  const program = new Command('residua')
    .description('Streaming anomaly detection for industrial sensors.')
    .version(residuaVersion, '-V, --version')
    .usage('<command> [options]')
    .showHelpAfterError('(residua --help, or residua <command> --help, says more)')
    .exitOverride()
    .addHelpText('after', examples)
  for (const [name, { summary, load }] of Object.entries(commands)) {
    if (name === asked) program.addCommand((await load()).copyInheritedSettings(program).summary(summary))
    else program.command(name).description(summary)
  }
  return program
}

/** The configuration that was named on the command line, for messages about it. */
function configFile(args: readonly string[]): string | undefined {
  if (!['run', 'check'].includes(commandName(args) ?? '')) return undefined
  const at = args.findIndex((arg) => arg === '-c' || arg === '--config')
  const joined = args.find((arg) => arg.startsWith('--config='))
  return (at >= 0 ? args[at + 1] : joined?.slice('--config='.length)) ?? 'residua.yaml'
}

/**
 * Runs the command line `args` (without the program's own name) and answers with the exit code.
 *
 * Every failure is told on standard error; nothing is thrown.
 */
export async function runProgram(args: readonly string[]): Promise<number> {
  const asked = commandName(args)
  if (asked !== undefined && !Object.hasOwn(commands, asked)) {
    process.stderr.write(refuseUnknown(asked))
    return exitCodes.usage
  }
  try {
    const program = await createProgram(asked)
    if (args.length === 0) {
      program.outputHelp({ error: true })
      return exitCodes.usage
    }
    process.exitCode = exitCodes.done
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    const { text, exitCode } = describeFailure(error, configFile(args))
    process.stderr.write(text)
    return exitCode
  }
}
