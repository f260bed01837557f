/**
 * A name in an output topic, as MQTT allows it: `#`, `+` and NUL become `_`; `/` stays a separator.
 *
 * So do other control characters and non-characters, for which Mosquitto closes the connection: one such sensor would
 * keep every alarm from leaving.
 */
export function outputTopic(name: string): string {
  return name.replace(/[#+\p{Cc}\p{Noncharacter_Code_Point}]/gu, '_')
}

/** Why a topic filter is no valid MQTT subscription, or undefined when it is one (`$share/group/filter` included). */
export function topicFilterMistake(filter: string): string | undefined {
  if (filter === '') return 'expected a topic filter, not an empty text'
  if (filter.includes('\0')) return 'expected a topic filter without a NUL character'
  const levels: string[] = filter.split('/')
  if (levels[0] === '$share') {
    const group = levels[1] ?? ''
    if (levels.length < 3 || group === '' || /[#+]/.test(group)) return 'expected $share/GROUP/FILTER'
    levels.splice(0, 2)
    if (levels.join('/') === '') return 'expected $share/GROUP/FILTER'
  }
  for (const [index, level] of levels.entries()) {
    if (level.includes('+') && level !== '+') return 'expected + to stand alone between two /'
    if (level.includes('#') && (level !== '#' || index !== levels.length - 1)) {
      return 'expected # to be the whole last level'
    }
  }
  return undefined
}
