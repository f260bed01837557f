import { runProgram } from './cli/program.ts'

// A pipe that is closed by its reader (`residua check | head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exit(await runProgram(process.argv.slice(2)))
