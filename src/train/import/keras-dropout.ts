import { type KerasLayerContext, type KerasValue, onlyInput } from './keras-layer.ts'

/*
 * What only training does. It changes nothing of what a model computes, but a model that is trained on needs it.
 */

/** Dropout of single values; with a `noise_shape` of (batch, 1, features) of features at all ticks of a window. */
export function importDropout(context: KerasLayerContext): KerasValue {
  const { config } = context
  const shape = config['noise_shape'] ?? null
  const isWhole = Array.isArray(shape) && shape.length === 3 && shape[1] === 1 && shape[2] !== 1
  if (shape === null || isWhole) return dropped(context, isWhole ? 'Dropout1d' : 'Dropout', 'rate')
  context.declaration.leftOut.push(`${context.label}: a noise_shape of ${JSON.stringify(shape)}`)
  return onlyInput(context)
}

/** SpatialDropout1D: features at all ticks of a window. */
export function importSpatialDropout(context: KerasLayerContext): KerasValue {
  return dropped(context, 'Dropout1d', 'rate')
}

/** Noise and penalties, which training here has not: the card says that they are left out. */
export function importNoise(context: KerasLayerContext): KerasValue {
  context.declaration.leftOut.push(context.label)
  return onlyInput(context)
}

/** The probability of an option; 0 where nothing is dropped. */
export function rateOf({ config, declaration, label }: KerasLayerContext, option: string): number {
  const rate = Number(config[option] ?? 0)
  if (rate >= 0 && rate < 1) return rate
  declaration.leftOut.push(`${label}: ${option} ${rate}`)
  return 0
}

/** The dropout of a recurrent layer's or attention's own, as options of its module. */
export function dropoutOf(context: KerasLayerContext, option: 'dropout' | 'recurrent_dropout'): Record<string, number> {
  const rate = rateOf(context, option)
  return rate > 0 ? { [option]: rate } : {}
}

/**
 * What a recurrent layer reads while it is trained: Keras' `dropout` hides features of its input at all ticks of a window.
 *
 * Keras' two directions of a Bidirectional draw a mask each; here they read one.
 */
export function droppedInput(context: KerasLayerContext, from: KerasValue): KerasValue {
  return withDropout(context, from, 'Dropout1d', `${context.name}_dropout`, rateOf(context, 'dropout'))
}

function dropped(context: KerasLayerContext, type: 'Dropout' | 'Dropout1d', option: string): KerasValue {
  return withDropout(context, onlyInput(context), type, context.name, rateOf(context, option))
}

function withDropout(
  { declaration }: KerasLayerContext,
  from: KerasValue,
  type: 'Dropout' | 'Dropout1d',
  name: string,
  p: number,
): KerasValue {
  return p > 0 ? { ...from, id: declaration.add(type, name, from, { p }) } : from
}
