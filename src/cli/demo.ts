import { Command, InvalidArgumentError, Option } from 'commander'
import { summaryText } from '../demo/summary.ts'
import { JsonTeller, TextTeller } from '../demo/teller.ts'
import { startLiveDemo } from './demo-live.ts'
import { runSample } from './demo-once.ts'
import { exitCodes } from './exit-codes.ts'
import { createLog } from './log.ts'
import { paintFor } from './terminal.ts'
import { untilSignal } from './until-signal.ts'

interface DemoOptions {
  readonly once?: true
  readonly host: string
  readonly port: number
  readonly speed: number
  readonly seed: number
  readonly json?: true
}

/** Faster than this, a terminal and a page show nothing that a person can follow. */
const speedMax = 20

function port(text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value <= 65_535) return value
  throw new InvalidArgumentError('expected a port, 0 to 65535 (0: any free one).')
}

function speed(text: string): number {
  const value = Number(text)
  if (value >= 0.1 && value <= speedMax) return value
  throw new InvalidArgumentError(`expected readings a second of each sensor, 0.1 to ${speedMax}.`)
}

function seed(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected a whole number of at most nine digits.')
}

async function runLive(options: DemoOptions): Promise<void> {
  const write = (text: string) => process.stdout.write(text)
  const teller = options.json === true ? new JsonTeller(write) : new TextTeller(write, paintFor(process.stdout))
  const log = createLog({ level: 'warn', json: process.stderr.isTTY !== true })
  const { heard } = untilSignal()
  const demo = await startLiveDemo({ ...options, teller, log })
  const failed = demo.engine.finished.then(() => new Promise<never>(() => undefined))
  try {
    const signal = await Promise.race([heard, failed])
    process.exitCode = signal === 'SIGINT' ? exitCodes.interrupted : exitCodes.done
  } finally {
    await demo.stop()
  }
}

async function demo(options: DemoOptions): Promise<void> {
  if (options.once !== true) return runLive(options)
  const log = createLog({ level: 'warn', json: process.stderr.isTTY !== true })
  const summary = await runSample({ seed: options.seed, log })
  const text = options.json === true ? `${JSON.stringify(summary)}\n` : summaryText(summary, paintFor(process.stdout))
  await new Promise((resolve) => process.stdout.write(text, resolve))
}

/** `residua demo`: a simulated plant with faults and a real machine, in one process, with its page. */
export function demoCommand(): Command {
  return new Command('demo')
    .description('a simulated plant with faults and a real machine, in one process, with its page')
    .addOption(
      new Option('--once', 'run the sample to its end at full speed, print what was found, and exit').conflicts([
        'host',
        'port',
        'speed',
      ]),
    )
    .addOption(new Option('--port <port>', 'where the page listens; 0: any free port').argParser(port).default(8080))
    .option('--host <address>', 'other than 127.0.0.1, everybody who reaches it sees the page', '127.0.0.1')
    .addOption(
      new Option('--speed <n>', 'readings a second of each sensor; each is a minute of the plant')
        .argParser(speed)
        .default(1),
    )
    .addOption(
      new Option('--seed <n>', "which plant: the same seed repeats the same plant's days").argParser(seed).default(1),
    )
    .option('--json', 'one JSON object a line; with --once the summary as one object')
    .addHelpText(
      'after',
      `
Nothing else is needed: the MQTT broker, the plant, the pipeline and the page run in this process, without a network;
state is in memory, nothing is left on disk. Ctrl-C stops (exit code 130).

Examples:
  residua demo
  residua demo --port 9000
  residua demo --once
  residua demo --once --json`,
    )
    .action(demo)
}
