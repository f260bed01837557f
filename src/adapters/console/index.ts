import type { SinkAdapter } from '../../ports/adapter.ts'
import { type ConsoleOptions, consoleOptions } from './options.ts'
import { ConsoleSink } from './sink.ts'

/** The console row of the registry. */
export const consoleSink: SinkAdapter<ConsoleOptions> = {
  type: 'console',
  options: consoleOptions,
  create: (name, options) => new ConsoleSink(name, options),
}
