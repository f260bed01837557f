import { Command } from 'commander'
import { ConfigurationError, messageOf } from '../base/errors.ts'
import { formatBytes } from '../base/units.ts'
import { effectiveConfig, effectiveYaml } from '../config/effective.ts'
import { configJsonSchema } from '../config/json-schema.ts'
import type { Config } from '../config/parse.ts'
import type { KernelName } from '../model/create-kernel.ts'
import { createHistory } from './bootstrap-options.ts'
import { createDeadLetter, createSink, createSource } from './compose-plant.ts'
import { exitCodes } from './exit-codes.ts'
import { kernelOption } from './kernel-option.ts'
import { measurePipeline } from './measure.ts'
import { loadNamedModels } from './named-models.ts'
import { type Probed, type ProbeResult, probe } from './probe.ts'
import { adapterTables, readConfig } from './read-config.ts'
import { registryOption } from './registry-option.ts'
import { paintFor } from './terminal.ts'

interface CheckOptions {
  readonly config: string
  readonly json?: boolean
  readonly offline?: boolean
  readonly schema?: boolean
  readonly registry?: string
  readonly kernel: KernelName
}

/** What `check` says of a configuration that is right. */
interface Report {
  readonly ok: boolean
  readonly config: Readonly<Record<string, unknown>>
  readonly connections: readonly ProbeResult[]
  readonly memory: { readonly bytesPerSensor: number; readonly sensors: number; readonly bytes: number }
  readonly capacity: { readonly sensors: number; readonly readingsPerSecond: number; readonly kernel: string }
}

function probedParts(config: Config): readonly Probed[] {
  const letter = config.deadLetter
  const { state, bootstrap } = config
  return [
    ...config.sources.map((entry) => ({ ...entry, kind: 'source' as const, part: createSource(entry) })),
    ...config.sinks.map((entry) => ({ ...entry, kind: 'sink' as const, part: createSink(entry) })),
    ...(letter === null ? [] : [{ ...letter, kind: 'deadLetter' as const, part: createDeadLetter(letter) }]),
    ...(bootstrap === null
      ? []
      : [{ ...bootstrap.from, kind: 'history' as const, part: createHistory(bootstrap.from) }]),
    ...(state.type === 'lmdb' ? [{ kind: 'state' as const, name: 'state', type: state.type, options: state }] : []),
  ]
}

async function examine(config: Config, offline: boolean, kernel: KernelName): Promise<Report> {
  const { model } = loadNamedModels(config.defaults.model, config.models.path)
  const connections = offline ? [] : await Promise.all(probedParts(config).map(probe))
  const { bytesPerSensor, readingsPerSecond, kernel: kernelName } = measurePipeline(model, kernel)
  const { sensors } = config.limits
  return {
    ok: connections.every(({ ok }) => ok),
    config: effectiveConfig(config, adapterTables),
    connections,
    memory: { bytesPerSensor, sensors, bytes: bytesPerSensor * sensors },
    capacity: { sensors, readingsPerSecond, kernel: kernelName },
  }
}

function partTitle({ kind, name, type }: ProbeResult): string {
  if (kind === 'state') return `state (${type})`
  if (kind === 'history') return `history to learn from (${type})`
  if (kind === 'deadLetter') return `dead letters (${type})`
  return `${kind} ${name}${name === type ? '' : ` (${type})`}`
}

function connectionLine(result: ProbeResult): string {
  const { ok, detail, fix } = result
  const paint = paintFor(process.stdout)
  const mark = ok ? paint.green('ok    ') : paint.red('failed')
  return `  ${mark}  ${partTitle(result)}: ${detail}${fix === undefined ? '' : `\n          ${fix}`}`
}

/** 12345678 as `12,345,678`. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** About how many bytes, in the unit a person would use. */
function roughBytes(size: number): string {
  return size < 1024 ** 2 ? formatBytes(size) : `${Math.ceil(size / 1024 ** 2)}MiB`
}

function reportText(file: string, config: Config, report: Report, offline: boolean): string {
  const paint = paintFor(process.stdout)
  const { memory, capacity, connections } = report
  const failed = connections.filter(({ ok }) => !ok).length
  const verdict =
    failed === 0
      ? paint.green(`${file} is right${offline ? '; connections were not tried' : ''}`)
      : paint.red(`${file} is right, but ${failed} of ${connections.length} connections failed`)
  return [
    paint.bold('# effective configuration'),
    effectiveYaml(config, adapterTables),
    ...(offline ? [] : [paint.bold('# connections'), ...connections.map(connectionLine), '']),
    paint.bold('# memory and capacity'),
    `  memory      ${memory.bytesPerSensor} bytes a sensor × ${grouped(memory.sensors)} sensors = ${roughBytes(memory.bytes)}`,
    `  sensors     at most ${grouped(capacity.sensors)} (limits.sensors)`,
    `  throughput  ${grouped(capacity.readingsPerSecond)} readings/s scored by this machine now with kernel ${capacity.kernel}, without input and output`,
    '',
    verdict,
    '',
  ].join('\n')
}

async function check({ config: file, json, offline, schema, kernel, registry }: CheckOptions): Promise<void> {
  if (schema === true) {
    process.stdout.write(`${JSON.stringify(configJsonSchema(adapterTables), null, 2)}\n`)
    return
  }
  let config: Config
  try {
    config = readConfig(file, registry)
  } catch (error) {
    if (json !== true) throw error
    const problems = error instanceof ConfigurationError ? error.problems : [{ path: file, expected: messageOf(error) }]
    process.stdout.write(`${JSON.stringify({ ok: false, problems })}\n`)
    process.exitCode = exitCodes.usage
    return
  }
  const report = await examine(config, offline === true, kernel)
  process.stdout.write(
    json === true ? `${JSON.stringify(report)}\n` : reportText(file, config, report, offline === true),
  )
  process.exitCode = report.ok ? exitCodes.done : exitCodes.operating
}

/** `residua check`: what is wrong with a configuration, what it reaches, and what it comes to. */
export function checkCommand(): Command {
  return new Command('check')
    .description('validate a configuration, try its connections, print what is in force, memory and capacity')
    .option('-c, --config <file>', 'the configuration', 'residua.yaml')
    .option('--offline', 'do not try the connections')
    .addOption(kernelOption())
    .addOption(registryOption())
    .option('--json', 'one JSON document on standard output')
    .option('--schema', 'print the JSON Schema of residua.yaml, for editors, and do nothing else')
    .addHelpText(
      'after',
      `
All problems of a configuration are listed at once. Exit codes: 0 right and reachable, 1 a connection failed,
2 the configuration is wrong.

Examples:
  residua check -c residua.yaml
  residua check -c residua.yaml --offline --json
  residua check --schema > residua.schema.json`,
    )
    .action(check)
}
