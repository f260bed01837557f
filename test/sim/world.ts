import { OperatingError } from '../../src/base/errors.ts'
import { createPrng, type Prng } from '../../src/base/prng.ts'
import { loadModelFiles } from '../../src/cli/model-files.ts'
import { createPipeline, type LivePipeline } from '../../src/core/live-pipeline.ts'
import { Frame } from '../../src/domain/frame.ts'
import { OutcomeFrame } from '../../src/domain/outcome.ts'
import { SensorCatalog } from '../../src/domain/sensor.ts'
import { silentLog } from '../../src/ports/log.ts'
import { silentMetrics } from '../../src/ports/metrics.ts'
import type { Checkpoint } from '../../src/ports/state-store.ts'
import { createEngine } from '../../src/runtime/engine.ts'
import type { Engine } from '../../src/runtime/engine-options.ts'
import { Broker } from './broker.ts'
import { type CalmRun, judge } from './checkers.ts'
import { calm, Fate, Process } from './fate.ts'
import type { Mutation } from './mutations.ts'
import { Disk, Receiver, rowText } from './outside.ts'
import { historyOf, learned, type SimReading, sensors } from './readings.ts'
import { VirtualTime } from './virtual-time.ts'

const model = loadModelFiles('base')
const rowsPerSensor = 110
/** Between two readings of a sensor, virtual ms in the mean. */
const publishMs = 25
/** What a world has to drain in once nothing fails any more. */
const patienceMs = 15 * 60_000

function pipelineOf(): { readonly pipeline: LivePipeline; readonly catalog: SensorCatalog } {
  const catalog = new SensorCatalog(sensors.length)
  return { pipeline: createPipeline({ model, catalog, plant: 'sim', quarantine: false }), catalog }
}

function stepAll(readings: readonly SimReading[], { pipeline, catalog }: ReturnType<typeof pipelineOf>): OutcomeFrame {
  const frame = new Frame(readings.length)
  const outcome = new OutcomeFrame(readings.length)
  for (const { sensor, timeMs, value, quality } of readings) {
    frame.push(catalog.intern(sensor), timeMs, value, quality, timeMs)
  }
  pipeline.step(frame, outcome)
  return outcome
}

let warm: Checkpoint | undefined

/** The state after the learned readings, the same for every seed. */
function warmState(): Checkpoint {
  if (warm !== undefined) return warm
  const made = pipelineOf()
  const random = createPrng(1)
  for (const sensor of sensors) stepAll(historyOf(sensor, learned, random), made)
  const rows = sensors.map((id, slot) => ({ id, labels: {}, bytes: made.pipeline.snapshot(slot) }))
  warm = { meta: made.pipeline.meta, rows, removed: [], positions: {} }
  return warm
}

/** What an undisturbed process says of these readings, straight from the core: no engine, no broker, no store. */
function calmRun(histories: readonly (readonly SimReading[])[]): CalmRun {
  const made = pipelineOf()
  for (const { id, bytes } of warmState().rows) made.pipeline.restore(made.catalog.intern(id), bytes)
  const table = new Map<string, string>()
  const transitions = histories.flatMap((readings) => {
    const outcome = stepAll(readings, made)
    for (let row = 0; row < outcome.count; row++) {
      table.set(`${readings[row]!.sensor} ${outcome.timeMs[row]}`, rowText(outcome, row))
    }
    return outcome.transitions
  })
  return { table, transitions }
}

/** What a seed came to. */
export interface Verdict {
  readonly violations: readonly string[]
  readonly kills: number
  /** Alarm transitions of the calm run: a world without any proves little. */
  readonly transitions: number
  /** When the world came to rest. Units: virtual ms. */
  readonly atMs: number
}

/** One world from one seed: the same seed, the same world. `mutation`: a bug that is planted in the program. */
export async function runSeed(seed: number, mutation?: Mutation): Promise<Verdict> {
  const random = createPrng(seed)
  const histories = sensors.map((sensor) => historyOf(sensor, rowsPerSensor, random, learned))
  const expected = calmRun(histories)
  const world = new World(random, mutation)
  world.time.install(() => random.uniform())
  try {
    const isDrained = await world.live(histories)
    const violations = judge(expected, world.receiver, isDrained, world.failures)
    return { violations, kills: world.kills, transitions: expected.transitions.length, atMs: world.time.now }
  } finally {
    world.time.uninstall()
  }
}

class World {
  readonly time = new VirtualTime()
  readonly receiver: Receiver
  readonly failures: string[] = []
  kills = 0
  readonly #random: Prng
  readonly #fate: Fate
  readonly #disk: Disk
  readonly #brokers: readonly Broker[]
  readonly #mutation: Mutation | undefined
  #process = new Process('none')
  #engine: Engine | undefined
  #runs = 0

  constructor(random: Prng, mutation: Mutation | undefined) {
    this.#random = random
    this.#mutation = mutation
    this.#fate = new Fate(this.time, random)
    this.#disk = new Disk(this.#fate)
    this.receiver = new Receiver(this.#fate)
    this.#brokers = [new Broker('log', 2, this.#fate), new Broker('queue', 2, this.#fate)]
    this.#fate.killed = () => {
      this.kills += 1
      this.time.after(random.between(10, 3_000), () => this.#start())
    }
  }

  /** Publishes everything while things go wrong, then lets the world come to rest; false where it does not. */
  async live(histories: readonly (readonly SimReading[])[]): Promise<boolean> {
    await this.#disk.store.commit(warmState())
    const endMs = this.#publish(histories)
    this.#planTrouble(endMs)
    let isOver = false
    this.time.after(endMs, () => {
      isOver = true
      this.#fate.hardship = calm
      this.#fate.deadly.clear()
    })
    this.#start()
    const isAtRest = (): boolean => {
      if (!isOver || !this.#process.isAlive || !this.#brokers.every(({ isDrained }) => isDrained)) return false
      const { journal } = this.#disk.store
      return journal.cursor('alarms') === journal.last()
    }
    const isDrained = await this.time.run(isAtRest, endMs + patienceMs)
    this.#process.isAlive = false
    this.time.drop(this.#process)
    return isDrained
  }

  #publish(histories: readonly (readonly SimReading[])[]): number {
    let endMs = 0
    for (const [at, readings] of histories.entries()) {
      const broker = this.#brokers[at >> 1]!
      let ms = 0
      for (const reading of readings) {
        ms += this.#random.between(0, 2 * publishMs)
        this.time.after(ms, () => broker.publish(at & 1, reading))
      }
      endMs = Math.max(endMs, ms)
    }
    return endMs
  }

  #planTrouble(endMs: number): void {
    const random = this.#random
    const times = (most: number): number[] =>
      Array.from({ length: random.integer(most + 1) }, () => random.between(0, endMs))
    this.#fate.hardship = {
      refuses: 0.08 * random.uniform(),
      lies: 0.08 * random.uniform(),
      stalls: random.integer(3) === 0 ? 0.01 : 0,
    }
    for (let kill = random.integer(5); kill > 0; kill--) this.#fate.deadly.add(random.integer(900))
    for (const ms of times(3))
      this.time.after(ms, () => this.#brokers[random.integer(2)]!.cut(random.between(1, 2_000)))
    for (const ms of times(3)) {
      this.time.after(ms, () => this.#brokers[0]!.rebalance(random.integer(2), random.between(1, 500)))
    }
    for (const ms of times(1)) this.time.after(ms, () => this.time.freeze(this.#process, this.time.now + 600_000))
    for (const ms of times(1)) this.time.after(ms, () => void this.#restart())
  }

  /** An upgrade: stops in good order and begins anew, if nothing kills it meanwhile. */
  async #restart(): Promise<void> {
    const process = this.#process
    const engine = this.#engine
    if (!process.isAlive || engine === undefined) return
    await this.time.as(process, () => engine.stop())
    if (!process.isAlive) return
    process.isAlive = false
    this.time.drop(process)
    this.#start()
  }

  #start(): void {
    this.#runs += 1
    const process = new Process(`run ${this.#runs}`)
    const { pipeline, catalog } = pipelineOf()
    this.#process = process
    const parts = {
      pipeline,
      store: this.#disk.open(process),
      sources: this.#brokers.map((broker) => broker.source(process)),
      sinks: this.receiver.sinks(process),
    }
    const engine = createEngine({
      ...parts,
      ...this.#mutation?.(parts, { fate: this.#fate, process }),
      catalog,
      metrics: silentMetrics,
      clock: { now: () => this.time.now },
      log: silentLog,
      plant: 'sim',
      modelName: () => 'base',
      ticks: false,
      checkpointMs: this.#random.between(20, 1_000),
      checkpointReadings: 10 + this.#random.integer(100),
    })
    this.#engine = engine
    this.time.as(process, () => {
      // A start that the outside refuses ends the process, and its supervisor starts it again.
      engine.start().catch((error: unknown) => {
        if (error instanceof OperatingError && error.retryable) this.#fate.kill(process)
        else this.failures.push(`the engine did not start: ${error}`)
      })
      engine.finished.catch((error: unknown) => this.failures.push(`the engine failed: ${error}`))
    })
  }
}
