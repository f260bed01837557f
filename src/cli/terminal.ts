import type { WriteStream } from 'node:tty'
import colors from 'picocolors'

/** Paint for one output: does nothing where the output is no terminal or `NO_COLOR` is set. */
export function paintFor(stream: Pick<WriteStream, 'isTTY'>): ReturnType<typeof colors.createColors> {
  return colors.createColors(stream.isTTY === true && !process.env['NO_COLOR'])
}
