import { readFileSync } from 'node:fs'

const deployFolder = new URL('../../deploy/', import.meta.url)

/**
 * Fills `${NAME}` and `${NAME:-value}` places of a service's configuration.
 *
 * Errors: throws when a place without a default is not filled, or when a value has no place: a test must not believe
 * that it configured something which the deployed file does not have.
 */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  const used = new Set<string>()
  const filled = text
    .split('\n')
    .map((line) => (line.startsWith('#') ? line : fillLine(line, values, used)))
    .join('\n')
  const unused = Object.keys(values).filter((name) => !used.has(name))
  if (unused.length > 0) throw new Error(`the template has no place for ${unused.join(', ')}`)
  return filled
}

function fillLine(line: string, values: Readonly<Record<string, string>>, used: Set<string>): string {
  return line.replace(/\$\{([A-Z_]+)(?::-([^}]*))?\}/g, (_place, name: string, fallback: string | undefined) => {
    used.add(name)
    const value = values[name] ?? fallback
    if (value === undefined) throw new Error(`the template needs a value for ${name}`)
    return value
  })
}

/** A file of `deploy/`, filled: what is tested is what is deployed. */
export function deployFile(path: string, values: Readonly<Record<string, string>>): string {
  return fillTemplate(readFileSync(new URL(path, deployFolder), 'utf8'), values)
}
