/** What couples the machines: each reads what it needs and writes its own part, in the plant's order. */
export interface Couplings {
  /** The plant's clock, ms since 1970. */
  timeMs: number
  /** Air outside, °C: the rhythm of the day. */
  ambientC: number
  /** What the shift asks for, share of the nominal output. */
  production: number
  /** Water in the tank above its outlet, m. Written by the tank. */
  tankLevelM: number
  /** Water the pump takes from the tank, m³/h. Written by the pump. */
  pumpFlowM3h: number
  /** Cooling water to the machines, °C. Written by the cooling circuit. */
  supplyWaterC: number
  /** Material on its way to the furnace, t/h. Written by the conveyor. */
  throughputTh: number
  /** Heat that the compressor and the furnace give to the cooling water, kW. Written by them. */
  compressorHeatKw: number
  furnaceHeatKw: number
}

/** What goes wrong inside the machines: zero when all is well. */
export interface Disturbances {
  /** Heat of a worn pump bearing, kelvin above the healthy bearing in the steady state. */
  pumpBearingK: number
  /** Water lost between the tank and the pump, m³/h. */
  tankLeakM3h: number
  /** Share of the cooling tower's fans that stand still. */
  fanLoss: number
  /** Share of the compressed air that leaks back through a valve. */
  valveLeak: number
  /** Amplitude of a badly tuned zone controller, at this moment, °C. */
  zoneHuntingC: number
  /** Extra friction of the belt, share of the healthy drag. */
  beltFriction: number
}

/** A set of disturbances in which all is well. */
export function noDisturbances(): Disturbances {
  return { pumpBearingK: 0, tankLeakM3h: 0, fanLoss: 0, valveLeak: 0, zoneHuntingC: 0, beltFriction: 0 }
}

/** One measuring point of a machine. */
export interface MeasuringPoint {
  readonly measurement: string
  readonly unit: string
  /** Span of the transmitter, in the unit; a value outside is a fault of the instrument. */
  readonly low: number
  readonly high: number
  /** Standard deviation of the measurement noise, in the unit. */
  readonly noise: number
  /** Smallest step that the transmitter reports, in the unit. */
  readonly resolution: number
}

/**
 * A machine: its state advances with the plant's clock, and its measuring points tell the true values.
 *
 * Shapes: `step` writes `points.length` values into `out` from `offset`, in the order of `points`.
 */
export interface Machine {
  readonly area: string
  readonly asset: string
  readonly points: readonly MeasuringPoint[]
  step(plant: Couplings, wrong: Readonly<Disturbances>, stepS: number, out: Float64Array, offset: number): void
}

/** Makes a measuring point; the noise is also what the resolution is fine against. */
export function point(
  measurement: string,
  unit: string,
  low: number,
  high: number,
  noise: number,
  resolution: number,
): MeasuringPoint {
  return { measurement, unit, low, high, noise, resolution }
}
