import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { Log } from '../ports/log.ts'

/** How much is logged. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
/** One level of the log. */
export type LogLevel = (typeof logLevels)[number]

/** Where and how the log is written. */
export interface LogOptions {
  readonly level: LogLevel
  /** One JSON line per event; otherwise text, which is for a person at a terminal. */
  readonly json: boolean
  /** A file descriptor or a path; standard error by default. */
  readonly destination?: number | string
}

const standardError = 2

function createLogger({ level, json, destination = standardError }: LogOptions): Logger {
  const options = { level, base: null, messageKey: 'message', timestamp: pino.stdTimeFunctions.isoTime }
  // Written synchronously: the last line before a crash is the one that is needed, and there is none per reading.
  if (json) {
    const formatters = { level: (label: string) => ({ level: label }) }
    return pino({ ...options, formatters }, pino.destination({ dest: destination, sync: true }))
  }
  const colorize = process.stderr.isTTY === true && !process.env['NO_COLOR']
  const text = { destination, sync: true, colorize, messageKey: 'message', singleLine: true }
  return pino(options, pretty({ ...text, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' }))
}

/** The process' log: JSON lines for machines, text for a terminal. */
export function createLog(options: LogOptions): Log {
  const logger = createLogger(options)
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}
