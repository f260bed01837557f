import type { Disturbances } from './machine.ts'

/** The kinds of fault that the demo injects. */
export const faultKinds = [
  'drift',
  'step',
  'stuck',
  'spike burst',
  'noise rise',
  'oscillation',
  'leak',
  'silent',
] as const
/** One kind of fault. */
export type FaultKind = (typeof faultKinds)[number]

/** A fault as the table describes it; times are minutes of the plant's clock. */
export interface Fault {
  readonly kind: FaultKind
  /** The sensor where an operator would look: the faulty instrument, or the nearest to the faulty part. */
  readonly sensor: string
  readonly minutes: number
  /** In the unit of the sensor, or of the disturbance; for `noise rise` a multiple of the sensor's own noise. */
  readonly magnitude: number
  /** What the fault acts on: one sensor's readings, or the machine itself, whence it reaches other sensors. */
  readonly actsOn: 'reading' | keyof Disturbances
  /** Assets whose sensors a fault of the machine can move; an alarm there during the fault is not false. */
  readonly reaches: readonly string[]
  /** Oscillation only. */
  readonly periodMinutes?: number
  readonly story: string
}

/** How long an alarm may lag behind a fault's end and still belong to it: repairs disturb a process too. */
export const toleranceMinutes = 60

/**
 * Every fault of the demo. The magnitudes are those of everyday trouble, visible to an operator who looks at the
 * right chart; no detector was asked about them.
 */
export const faults: readonly Fault[] = [
  {
    kind: 'spike burst',
    sensor: 'plant/hall/conveyor-1/vibration',
    minutes: 40,
    magnitude: 3,
    actsOn: 'reading',
    reaches: ['conveyor-1'],
    story: 'a lump under the belt knocks against an idler: single readings 3 mm/s too high',
  },
  {
    kind: 'step',
    sensor: 'plant/utility/compressor-1/discharge_pressure',
    minutes: 60,
    magnitude: 0.35,
    actsOn: 'reading',
    reaches: ['compressor-1'],
    story: 'the transmitter lost its zero: 0.35 bar too high',
  },
  {
    kind: 'leak',
    sensor: 'plant/yard/tank-1/level',
    minutes: 120,
    magnitude: 12,
    actsOn: 'tankLeakM3h',
    reaches: ['tank-1', 'pump-1'],
    story: 'a drain valve was left open: 12 m3/h are lost',
  },
  {
    kind: 'oscillation',
    sensor: 'plant/hot-end/furnace-1/zone2_temperature',
    minutes: 90,
    magnitude: 9,
    periodMinutes: 12,
    actsOn: 'zoneHuntingC',
    reaches: ['furnace-1'],
    story: 'the zone controller hunts: 9 degrees up and down every 12 minutes',
  },
  {
    kind: 'silent',
    sensor: 'plant/hall/pump-1/motor_current',
    minutes: 60,
    magnitude: 0,
    actsOn: 'reading',
    reaches: ['pump-1'],
    story: 'the cable is off: no readings at all',
  },
  {
    kind: 'step',
    sensor: 'plant/utility/cooling-1/supply_temperature',
    minutes: 90,
    magnitude: 0.5,
    actsOn: 'fanLoss',
    reaches: ['cooling-1', 'compressor-1', 'pump-1'],
    story: 'one of the two fans of the cooling tower tripped',
  },
  {
    kind: 'stuck',
    sensor: 'plant/hall/conveyor-1/gearbox_temperature',
    minutes: 120,
    magnitude: 0,
    actsOn: 'reading',
    reaches: ['conveyor-1'],
    story: 'the transmitter froze: the same value again and again',
  },
  {
    kind: 'drift',
    sensor: 'plant/hot-end/furnace-1/flue_oxygen',
    minutes: 150,
    magnitude: 1.8,
    actsOn: 'reading',
    reaches: ['furnace-1'],
    story: 'the analyser drifts by 1.8 % oxygen',
  },
  {
    kind: 'noise rise',
    sensor: 'plant/hall/pump-1/flow',
    minutes: 90,
    magnitude: 6,
    actsOn: 'reading',
    reaches: ['pump-1'],
    story: 'air in the pipe: the flow meter is six times as noisy',
  },
  {
    kind: 'leak',
    sensor: 'plant/utility/compressor-1/discharge_temperature',
    minutes: 90,
    magnitude: 0.18,
    actsOn: 'valveLeak',
    reaches: ['compressor-1'],
    story: 'a valve leaks: 18 % of the air is compressed twice',
  },
  {
    kind: 'step',
    sensor: 'plant/hall/conveyor-1/motor_current',
    minutes: 90,
    magnitude: 0.35,
    actsOn: 'beltFriction',
    reaches: ['conveyor-1'],
    story: 'an idler seized: a third more drag on the belt',
  },
  {
    kind: 'spike burst',
    sensor: 'plant/hot-end/furnace-1/zone3_temperature',
    minutes: 30,
    magnitude: -60,
    actsOn: 'reading',
    reaches: ['furnace-1'],
    story: 'a loose contact of a thermocouple: single readings 60 degrees too low',
  },
  {
    kind: 'drift',
    sensor: 'plant/hall/pump-1/bearing_temperature',
    minutes: 120,
    magnitude: 18,
    actsOn: 'pumpBearingK',
    reaches: ['pump-1'],
    story: 'a bearing runs dry: 18 degrees warmer within two hours, and vibration with it',
  },
]
