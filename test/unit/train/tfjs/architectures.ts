import { streamable } from '../../model/random-model.ts'
import { head, lstm, ticks, windowed } from '../../model/windowed-models.ts'

type Modules = readonly Readonly<Record<string, unknown>>[]

/** Windows of a batch that the architectures below are run on. */
export const batch = 3

const { 'attention on the input': _none, ...others } = windowed

/** Models with two inputs (one has four) of every kind of node, for streams and for whole windows. */
export const architectures: Readonly<Record<string, Modules>> = {
  ...streamable,
  ...others,
  // A learner has a target for every tick of the window, or one for all.
  'an autoencoder': [
    { ...lstm, on: 'last' },
    { type: 'Repeat', ticks },
    { ...lstm, name: 'b', input_size: 5 },
    { ...head, out_features: 2 },
  ],
}
