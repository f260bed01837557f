import { ConfigurationError, messageOf, type Problem } from '../../base/errors.ts'
import type { RawRecord } from '../../domain/record.ts'
import type { HistoryListener, Source, SourceContext } from '../../ports/source.ts'
import { type Block, countLines, readBlocks } from './blocks.ts'
import { FileDecoder } from './file-decoder.ts'
import { type FilePlan, type HistoryOptions, inspectFile } from './inspect.ts'
import { openInput } from './open-input.ts'
import { Pacer } from './pacer.ts'

/** What is read, and how. */
export interface FileSourceOptions extends HistoryOptions {
  readonly paths: readonly string[]
  /** Event time runs this many times as fast as real time; as fast as possible when absent. */
  readonly speed?: number | undefined
}

const silent: HistoryListener = { progress() {}, decoded() {} }

function parsePosition(text: string | undefined): { line: number; byte: number } | undefined {
  const match = /^(\d+):(\d+)$/.exec(text ?? '')
  return match === null ? undefined : { line: Number(match[1]), byte: Number(match[2]) }
}

/**
 * Looks at all files; every one that cannot be understood is a problem, and all problems are told at once.
 *
 * Errors: `ConfigurationError` for files that are refused and names of columns that exist nowhere; `OperatingError`
 * read for a file that cannot be opened.
 */
export async function planFiles(options: FileSourceOptions): Promise<readonly FilePlan[]> {
  const problems: Problem[] = []
  const plans: FilePlan[] = []
  for (const [index, path] of options.paths.entries()) {
    if (options.paths.indexOf(path) < index) {
      problems.push({ path, expected: 'the file is named twice' })
      continue
    }
    const plan = await inspectFile(path, options)
    if ('decoder' in plan) plans.push(plan)
    else problems.push(plan)
  }
  const known = new Set(plans.flatMap(({ columns }) => columns.map((name) => name.toLowerCase())))
  if (problems.length === 0 && plans.every(({ format }) => format === 'csv')) {
    for (const name of options.ignore ?? []) {
      if (known.has(name.toLowerCase())) continue
      const columns = [...new Set(plans.flatMap((plan) => plan.columns))].slice(0, 20).join(', ')
      problems.push({ path: 'ignore', value: name, expected: `no file has a column "${name}"; there are ${columns}` })
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return plans
}

/**
 * History files, one after the other, in blocks of whole lines.
 *
 * A position is the number of a line and its unpacked byte, so a restart goes on at the row it stood at. Ends by
 * itself: `finished` resolves after the last block was delivered.
 */
export class FileSource implements Source {
  readonly name: string
  readonly decoder: FileDecoder
  readonly finished: Promise<void>
  readonly #options: FileSourceOptions
  readonly #listener: HistoryListener
  readonly #abort = new AbortController()
  #finish: () => void = () => undefined
  #plans: readonly FilePlan[] | undefined
  #bytesBefore = 0

  /** `plans`: the files as `planFiles` found them, when the caller has looked already. */
  constructor(
    name: string,
    options: FileSourceOptions,
    listener: HistoryListener = silent,
    plans?: readonly FilePlan[],
  ) {
    this.name = name
    this.decoder = new FileDecoder(options.ignore ?? [])
    this.#options = options
    this.#listener = listener
    this.#plans = plans
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  async start(context: SourceContext): Promise<void> {
    const plans = this.#plans ?? (await planFiles(this.#options))
    this.#plans = plans
    for (const { path, decoder, format } of plans) this.decoder.add(path, decoder, format !== 'csv')
    context.connected(true)
    void this.#readAll(plans, context).then(this.#finish, (error: unknown) => {
      context.connected(false, messageOf(error))
      context.failed(error)
    })
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    this.#finish()
  }

  async close(): Promise<void> {
    this.#abort.abort()
  }

  async #readAll(plans: readonly FilePlan[], context: SourceContext): Promise<void> {
    const total = plans.reduce((sum, { size }) => sum + size, 0)
    for (const plan of plans) {
      if (this.#abort.signal.aborted) return
      await this.#readFile(plan, total, context)
      this.#bytesBefore += plan.size
    }
  }

  async #readFile(plan: FilePlan, total: number, context: SourceContext): Promise<void> {
    let from = parsePosition(context.positions[plan.path])
    if (from !== undefined && !plan.gzip && from.byte > plan.size) {
      context.log.warn(
        { path: plan.path },
        'the file is shorter than what was read of it; it is read from its beginning',
      )
      from = undefined
    }
    const start = from ?? { line: plan.line, byte: plan.byte }
    const input = openInput(plan.path, plan.gzip, start.byte)
    const { speed } = this.#options
    const pacer = speed === undefined ? undefined : new Pacer(speed, context.clock, this.#abort.signal)
    try {
      for await (const block of readBlocks(input.chunks, start, plan.rowEnd)) {
        await this.#deliver(plan, block, pacer, context)
        if (this.#abort.signal.aborted) return
        this.#listener.progress(this.#bytesBefore + Math.min(input.bytesRead(), plan.size), total)
      }
    } finally {
      input.close()
    }
  }

  async #deliver(plan: FilePlan, block: Block, pacer: Pacer | undefined, context: SourceContext): Promise<void> {
    const record = recordOf(plan, block.bytes, block.line, context.clock.now())
    if (pacer === undefined) {
      await this.#hand(plan, record, `${block.nextLine}:${block.nextByte}`, context)
      return
    }
    let { line } = block
    const firstByte = block.nextByte - block.bytes.length
    for await (const { start, end } of pacer.pass(record, plan.decoder, plan.rowEnd)) {
      const bytes = block.bytes.subarray(start, end)
      const part = recordOf(plan, bytes, line, context.clock.now())
      line += countLines(bytes)
      await this.#hand(plan, part, `${line}:${firstByte + end}`, context)
      if (this.#abort.signal.aborted) return
    }
  }

  async #hand(plan: FilePlan, record: RawRecord, position: string, context: SourceContext): Promise<void> {
    await context.deliver({
      records: [record],
      positions: { [plan.path]: position },
      acknowledge: () => undefined,
      decoded: (accepted, rejected) => this.#listener.decoded(plan.path, accepted, rejected),
    })
  }
}

function recordOf(plan: FilePlan, bytes: Buffer, line: number, arrivalMs: number): RawRecord {
  const record = { bytes, topic: plan.path, key: null, arrivalMs, line }
  return plan.header === undefined ? record : { ...record, header: plan.header }
}
