/** Elements of HTML that have no end. */
const empty = new Set(['meta', 'link', '!doctype'])

/**
 * Reads HTML or SVG strictly, as no browser does: every element is closed in its order, every attribute quoted, and no
 * sign stands where it would have to be escaped. Gives the names of the elements.
 */
export function elementsOf(markup: string): string[] {
  const open: string[] = []
  const names: string[] = []
  const withoutStyle = markup.replace(/<style>[^<]*<\/style>/g, '<style></style>')
  let at = 0
  for (const tag of withoutStyle.matchAll(/<[^>]*>/g)) {
    checkText(withoutStyle.slice(at, tag.index))
    at = tag.index + tag[0].length
    const match = /^<(\/?)([!a-z][a-z0-9]*)((?: [a-z][a-zA-Z0-9-]*(?:="[^"<]*")?)*)(\/?)>$/.exec(tag[0])
    if (match === null) throw new Error(`not a tag: ${tag[0]}`)
    const [, end, name = '', attributes = '', closed] = match
    for (const [, value = ''] of attributes.matchAll(/="([^"]*)"/g)) checkText(value)
    if (end === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes what was not opened last`)
      continue
    }
    names.push(name)
    if (closed !== '/' && !empty.has(name)) open.push(name)
  }
  checkText(withoutStyle.slice(at))
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`)
  return names
}

function checkText(text: string): void {
  if (/[<>]|&(?!(amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`not escaped: ${text}`)
  if (/NaN|undefined|Infinity/.test(text)) throw new Error(`a value that is none: ${text.slice(0, 80)}`)
}
