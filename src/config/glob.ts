/**
 * Whether sensor ids match a pattern: levels are separated by `/`, `*` stands for any text within one level and `**`
 * for any text over any number of levels, none included (`plant/**` matches `plant`, `plant/a` and `plant/a/b`).
 *
 * Everything else stands for itself, case-sensitive; the whole id must match.
 */
export function globMatcher(pattern: string): (id: string) => boolean {
  const source = pattern
    .split(/(\/\*\*\/|^\*\*\/|\/\*\*$|\*\*|\*)/)
    .map((part) => {
      if (part === '/**/') return '/(?:.*/)?'
      if (part === '**/') return '(?:.*/)?'
      if (part === '/**') return '(?:/.*)?'
      if (part === '**') return '.*'
      if (part === '*') return '[^/]*'
      return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    })
    .join('')
  const expression = new RegExp(`^${source}$`, 'su')
  return (id) => expression.test(id)
}
