/** Labels of a topic; undefined when the topic does not have the pattern's form. */
export type TopicLabels = (topic: string) => Readonly<Record<string, string>> | undefined

/** Topics whose labels are remembered; more of them than this only cost time. */
const topicsMax = 100_000

/** Mistakes of a pattern such as `plant/{area}/{asset}/{measurement}`, for configuration; undefined when it is right. */
export function topicPathProblem(pattern: string): string | undefined {
  const names = new Set<string>()
  const levels = pattern.split('/')
  for (const [index, level] of levels.entries()) {
    const name = /^\{(.*)\}$/.exec(level)?.[1]
    if (name === undefined) {
      if (/[{}]/.test(level)) return `the level "${level}" must be a word, + or one {name}`
      if (level === '#' && index < levels.length - 1) return '# may only be the last level'
    } else if (!/^[A-Za-z_]\w*$/.test(name)) return `"${name}" is no label name (letters, digits, _)`
    else if (names.has(name)) return `the label "${name}" appears twice`
    else names.add(name)
  }
  return names.size === 0 ? 'at least one level must be a {name}' : undefined
}

/**
 * Reads labels from topic levels: `plant/{area}/{asset}/{measurement}`.
 *
 * `{name}` takes one level, `+` passes over one, `#` at the end over all that follow; other levels must be equal.
 */
export function createTopicPath(pattern: string): TopicLabels {
  const levels = pattern.split('/')
  const open = levels.at(-1) === '#'
  if (open) levels.pop()
  const cache = new Map<string, Readonly<Record<string, string>> | undefined>()
  const read = (topic: string): Readonly<Record<string, string>> | undefined => {
    const parts = topic.split('/')
    if (open ? parts.length < levels.length : parts.length !== levels.length) return undefined
    const labels: Record<string, string> = {}
    for (const [index, level] of levels.entries()) {
      const part = parts[index]!
      if (level.startsWith('{')) labels[level.slice(1, -1)] = part
      else if (level !== '+' && level !== part) return undefined
    }
    return Object.freeze(labels)
  }
  return (topic) => {
    const known = cache.get(topic)
    if (known !== undefined || cache.has(topic)) return known
    if (cache.size >= topicsMax) cache.clear()
    const labels = read(topic)
    cache.set(topic, labels)
    return labels
  }
}
