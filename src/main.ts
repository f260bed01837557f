import { runProgram } from './cli/program.ts'

for (const stream of [process.stdout, process.stderr]) {
  // A pipe that is closed by its reader (`residua check | head`) is no failure of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}

/** Resolves when all that was written has gone: a pipe takes it piece by piece, and an exit drops what still waits. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

const exitCode = await runProgram(process.argv.slice(2))
await Promise.all([written(process.stdout), written(process.stderr)])
process.exit(exitCode)
