// Runs the worked examples and writes what they print and draw into their pages. Usage: npm run examples [-- machine…]
import { pageNames, runPage, unfoundedFigures, writePage } from './page.mjs'

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !pageNames.includes(name))
if (unknown.length > 0) throw new Error(`no page ${unknown.join(', ')}; there are ${pageNames.join(', ')}`)
for (const name of wanted.length > 0 ? wanted : pageNames) {
  const made = await runPage(name)
  writePage(name, made)
  const unfounded = unfoundedFigures(made.page)
  if (unfounded.length > 0) console.error(`${name}: the text has figures that no output has: ${unfounded.join(', ')}`)
  console.log(`${name}: written`)
}
