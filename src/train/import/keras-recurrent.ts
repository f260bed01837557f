import { cellOf, cellTensors, isRecurrent, type KerasCell, type RecurrentClass, weightCount } from './keras-cells.ts'
import { objectOf } from './keras-config.ts'
import { dropoutOf, droppedInput } from './keras-dropout.ts'
import { type KerasLayerContext, type KerasValue, onlyInput, refused } from './keras-layer.ts'

/**
 * SimpleRNN, LSTM or GRU.
 *
 * Keras gives the value of a layer that goes backwards in the order in which it was computed, we at its own tick: the
 * order of ticks is remembered with the value, so that a second layer that goes backwards runs forwards again.
 */
export function importRecurrent(context: KerasLayerContext): KerasValue {
  const { label, className, config, declaration, name } = context
  if (!isRecurrent(className)) throw refused(context, 'it is no recurrent layer', 'use SimpleRNN, LSTM or GRU')
  refuseStates(context)
  const from = sequenceInput(context)
  const cell = cellOf(label, className, config, context.isKeras2)
  const backwards = (config['go_backwards'] === true) !== from.flipped
  const every = config['return_sequences'] === true
  const options = {
    ...optionsOf(context, cell, from),
    ...(backwards ? { go_backwards: true } : {}),
    ...(every ? {} : { on: 'last' }),
  }
  const tensors = cellTensors(label, cell, from.width, context.weights(['cell']), '_l0')
  const id = declaration.add(cell.type, name, droppedInput(context, from), options, tensors)
  return { id, width: cell.units, sequence: every, ticks: every ? from.ticks : null, flipped: every && backwards }
}

const merges: Readonly<Record<string, string>> = { concat: 'concat', sum: 'sum', mul: 'multiply', ave: 'average' }

/** One recurrent layer in both directions; without `return_sequences` each gives the value at which it ends. */
export function importBidirectional(context: KerasLayerContext): KerasValue {
  const { label, config, declaration, name } = context
  refuseStates(context)
  const from = sequenceInput(context)
  const inner = objectOf(config['layer'])
  const forward = objectOf(inner['config'])
  const className = String(inner['class_name'])
  if (!isRecurrent(className)) throw refused(context, `it wraps ${className}`, 'built are SimpleRNN, LSTM and GRU')
  if (from.flipped || forward['go_backwards'] === true) {
    throw refused(context, 'its forward layer would run backwards', 'leave out go_backwards')
  }
  const cell = cellOf(label, className, forward, context.isKeras2)
  expectTwin(context, cell, className)
  const merge = merges[String(config['merge_mode'])]
  if (merge === undefined) {
    throw refused(context, `merge_mode ${String(config['merge_mode'])}`, `use ${Object.keys(merges).join(', ')}`)
  }
  const every = forward['return_sequences'] === true
  const ahead = { ...context, config: forward }
  const options = {
    ...optionsOf(ahead, cell, from),
    bidirectional: true,
    ...(merge === 'concat' ? {} : { merge }),
    ...(every ? {} : { on: 'last' }),
  }
  const weights = context.weights(['forward_layer/cell', 'backward_layer/cell'])
  const half = weightCount(cell)
  const tensors = {
    ...cellTensors(`${label}, forward`, cell, from.width, weights.slice(0, half), '_l0'),
    ...cellTensors(`${label}, backward`, cell, from.width, weights.slice(half), '_l0_reverse'),
  }
  const id = declaration.add(cell.type, name, droppedInput(ahead, from), options, tensors)
  const width = merge === 'concat' ? 2 * cell.units : cell.units
  return { id, width, sequence: every, ticks: every ? from.ticks : null, flipped: false }
}

function optionsOf(context: KerasLayerContext, cell: KerasCell, from: KerasValue): Record<string, unknown> {
  return {
    input_size: from.width,
    hidden_size: cell.units,
    bias: cell.bias,
    ...cell.options,
    ...dropoutOf(context, 'recurrent_dropout'),
  }
}

function sequenceInput(context: KerasLayerContext): KerasValue {
  const from = onlyInput(context)
  if (from.sequence) return from
  throw refused(context, 'it reads one vector', 'put a RepeatVector before it')
}

/** The file may describe a backward layer of its own. */
function expectTwin(context: KerasLayerContext, cell: KerasCell, className: RecurrentClass): void {
  const backward = context.config['backward_layer']
  if (backward === undefined || backward === null) return
  const { class_name: otherClass, config } = objectOf(backward)
  const isTwin =
    otherClass === className &&
    JSON.stringify(cellOf(context.label, className, objectOf(config), context.isKeras2)) === JSON.stringify(cell) &&
    objectOf(config)['go_backwards'] === true
  if (!isTwin) throw refused(context, 'its two layers differ', 'give both the same class and options')
}

function refuseStates(context: KerasLayerContext): void {
  const { keywords, config } = context
  if (keywords['initial_state'] !== undefined && keywords['initial_state'] !== null) {
    const advice = 'states cannot be handed from one layer to another: leave initial_state out'
    throw refused(context, 'it begins with initial_state of another layer', advice)
  }
  if (keywords['mask'] !== undefined && keywords['mask'] !== null) {
    throw refused(context, 'it is called with a mask', 'leave the mask out')
  }
  if (config['time_major'] === true) throw refused(context, 'time_major', 'build it with (batch, time, features)')
}
