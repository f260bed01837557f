import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { Who } from '../registry/registry.ts'

/** Options of every command that changes a registry. */
export interface WhoArguments {
  readonly by?: string
  readonly reason?: string
}

/** Adds `--reason` and `--by`. */
export function addWhoOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'why, for the audit log')
    .option('--by <who>', 'who, for the audit log (default: the user of the operating system)')
}

/** Who changes a registry, by the options, else by the operating system. */
export function whoOf({ by, reason = '' }: WhoArguments): Who {
  return { by: by ?? systemUser(), reason }
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a number that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
