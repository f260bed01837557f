import type { DeadLetterAdapter, HistoryAdapter, SinkAdapter, SourceAdapter } from '../../ports/adapter.ts'
import { FileDeadLetterSink } from './dead-letter.ts'
import {
  type FileDeadLetterOptions,
  type FileSinkOptions,
  type FileSourceAdapterOptions,
  fileDeadLetterOptions,
  fileSinkOptions,
  fileSourceOptions,
} from './options.ts'
import { FileSink } from './sink.ts'
import { FileSource } from './source.ts'

/** The file source's row of the registry. */
export const fileSource: SourceAdapter<FileSourceAdapterOptions> = {
  type: 'file',
  options: fileSourceOptions,
  create: (name, options) => new FileSource(name, options),
}

/** The file sink's row of the registry. */
export const fileSink: SinkAdapter<FileSinkOptions> = {
  type: 'file',
  options: fileSinkOptions,
  create: (name, options) => new FileSink(name, options),
}

/** The dead-letter file's row of the registry. */
export const fileDeadLetter: DeadLetterAdapter<FileDeadLetterOptions> = {
  type: 'file',
  options: fileDeadLetterOptions,
  create: (name, options) => new FileDeadLetterSink(name, options.path, options.limit),
}

/** Files of history: the registry's row. */
export const fileHistory: HistoryAdapter<FileSourceAdapterOptions> = {
  type: 'file',
  options: fileSourceOptions,
  create: (name, options, { listener } = {}) => new FileSource(name, options, listener),
}
