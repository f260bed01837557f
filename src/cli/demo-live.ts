import { fileURLToPath } from 'node:url'
import { sinkAdapters, sourceAdapters } from '../adapters/registry.ts'
import { OperatingError } from '../base/errors.ts'
import { AlarmListener, isRaise, isReturn } from '../demo/alarm-listener.ts'
import { type Broker, startBroker } from '../demo/broker.ts'
import { createFaultSchedule } from '../demo/fault-schedule.ts'
import { toleranceMinutes } from '../demo/faults.ts'
import { Findings } from '../demo/findings.ts'
import { historyRows } from '../demo/history.ts'
import { Player } from '../demo/player.ts'
import type { Teller } from '../demo/teller.ts'
import type { AlarmTransition } from '../domain/alarm.ts'
import { systemClock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Source } from '../ports/source.ts'
import type { Engine } from '../runtime/engine-options.ts'
import { createServer, type Server } from '../server/server.ts'
import { createDemoEngine, createWorld } from './demo-plant.ts'
import { residuaVersion } from './version.ts'

/** The first fault comes after some quiet, the others about every minute of a visitor's time. */
const firstFaultMinutes = 15
const everyMinutes = 60

/** The page as the build puts it beside the compiled program. */
const builtPage = fileURLToPath(new URL('../ui', import.meta.url))

/** How the live demo is started. */
export interface LiveOptions {
  readonly host: string
  readonly port: number
  /** Readings a second of each plant sensor. */
  readonly speed: number
  readonly seed: number
  readonly teller: Teller
  readonly log: Log
  readonly uiDirectory?: string
}

/** The running demo. */
export interface LiveDemo {
  readonly page: string
  readonly broker: string
  readonly engine: Engine
  stop(): Promise<void>
}

/**
 * Starts broker, pipeline, page and plant in this process; resolves when the page answers and the plant plays.
 *
 * Errors: `listen` when the port is taken, with the option that helps.
 */
export async function startLiveDemo(options: LiveOptions): Promise<LiveDemo> {
  const { seed, teller, log } = options
  const stepMs = Math.max(1, Math.round(1_000 / options.speed))
  const world = createWorld(seed)
  const findings = new Findings(world.machine)
  const broker = await startBroker()
  const startMs = systemClock.now()
  try {
    const { engine, metrics, catalog } = await createDemoEngine({
      world,
      stepMs,
      stampMs: (row) => startMs - (historyRows - 1 - row) * stepMs,
      sources: [mqttSource(broker)],
      sinks: [
        sinkAdapters.prometheus.create('prometheus', { type: 'prometheus' }),
        new AlarmListener((transition) => tellAlarm(transition, findings, teller)),
      ],
      clock: systemClock,
      log,
    })
    const server = createServer({
      api: engine.api,
      metrics,
      // The host was named by the visitor, and there is nothing here but a simulated plant.
      options: { host: options.host, port: options.port, auth: 'none' },
      log,
      uiDirectory: options.uiDirectory ?? builtPage,
      version: residuaVersion,
    })
    const { url: page } = await listen(server, options)
    await engine.start()
    await broker.heard
    const player = createPlayer(world, findings, teller, broker, stepMs, startMs + stepMs)
    teller.started({
      page,
      broker: broker.url,
      sensors: catalog.size,
      readyMs: performance.now(),
      stepMs,
      faultEveryMs: everyMinutes * stepMs,
    })
    player.start()
    const stop = async () => {
      player.stop()
      await engine.stop()
      await server.close()
      await broker.close()
    }
    return { page, broker: broker.url, engine, stop }
  } catch (error) {
    await broker.close()
    throw error
  }
}

function mqttSource(broker: Broker): Source {
  const adapter = sourceAdapters.mqtt
  const options = adapter.options.parse({
    type: 'mqtt',
    url: broker.url,
    // The embedded broker speaks 3.1.1.
    protocolVersion: 4,
    persistent: false,
    topics: ['plant/+/+/+'],
    path: 'plant/{area}/{asset}/{measurement}',
  })
  return adapter.create('mqtt', options)
}

async function listen(server: Server, { host, port }: LiveOptions): Promise<{ readonly url: string }> {
  try {
    return await server.listen()
  } catch (error) {
    if ((error as { cause?: NodeJS.ErrnoException }).cause?.code !== 'EADDRINUSE') throw error
    const hint = `another program already listens on ${host}:${port}; choose another one, such as --port ${port + 1}`
    throw new OperatingError('listen', hint, { cause: error })
  }
}

function createPlayer(
  { plant, machine }: ReturnType<typeof createWorld>,
  findings: Findings,
  teller: Teller,
  broker: Broker,
  stepMs: number,
  firstMs: number,
): Player {
  const schedule = createFaultSchedule({
    startMs: plant.timeMs,
    firstMinutes: firstFaultMinutes,
    everyMinutes,
    rounds: Number.POSITIVE_INFINITY,
  })
  return new Player(
    {
      plant,
      machine,
      schedule,
      clock: systemClock,
      stepMs,
      publish: broker.publish,
      onFault: (injected, startMs) => {
        const endMs = startMs + injected.fault.minutes * stepMs
        findings.inject(injected, startMs, endMs + toleranceMinutes * stepMs)
        teller.fault(injected, startMs, endMs)
      },
      onRecordEnd: () => {
        const found = findings.failures.filter((failure) => failure.firstMs !== null).length
        teller.recordEnded(findings.failures.length, found, findings.outside.length)
      },
    },
    firstMs,
  )
}

function tellAlarm(transition: AlarmTransition, findings: Findings, teller: Teller): void {
  if (isRaise(transition)) teller.alarm(transition, findings.judge(transition))
  else if (isReturn(transition) && transition.from === 'unack') teller.returned(transition)
}
