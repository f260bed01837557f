const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text as it may stand in HTML and SVG, between tags and in quoted attributes; control characters become spaces. */
export function escapeText(text: string): string {
  let clean = ''
  for (const sign of text) {
    const code = sign.codePointAt(0)!
    const isControl = code < 32 || (code >= 127 && code < 160) || (code >= 0xd800 && code < 0xe000)
    clean += isControl ? ' ' : (entities[sign] ?? sign)
  }
  return clean
}

/** A coordinate in pixels with one digit behind the point: a tenth of a pixel is not seen, and files stay small. */
export function pixel(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** A `<text>` of a class of the chart's style sheet. */
export function svgText(x: number, y: number, text: string, style: string, anchor: 'start' | 'middle' | 'end'): string {
  const side = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  return `<text x="${pixel(x)}" y="${pixel(y)}" class="${style}"${side}>${escapeText(text)}</text>`
}

/** A straight `<line>` of a class of the chart's style sheet. */
export function svgLine(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return `<path d="M${pixel(x1)} ${pixel(y1)}L${pixel(x2)} ${pixel(y2)}" class="${style}"/>`
}

/** About how wide a text of 12 px is: what margins and legends are made of, where no font can be asked. */
export function textWidth(text: string): number {
  const capitals = text.match(/[A-Z]/g)?.length ?? 0
  const wide = text.match(/[MWmw]/g)?.length ?? 0
  return text.length * 6.9 + capitals * 2 + wide * 2
}
