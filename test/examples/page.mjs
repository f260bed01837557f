// A worked example is a page of commands: each ```sh block is run by bash, in the order of the page, in one empty folder; a
// ```text block behind it is what it prints on standard output; a picture lies where the commands write it.
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))
const blocks = /```sh\n(.*?)```\n(?:(\s*)```text\n(.*?)```\n)?/gs
/** How long a training took is the only thing that a page says of the machine it was made on. */
const seconds = /\d+\.\d s →/g

/** The pages, by the name of their folder. */
export const pageNames = readdirSync(join(root, 'test/examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

/** @param {string} name */
export const folderOf = (name) => join(root, 'test/examples', name)

/** @param {string} name */
export const readPage = (name) => readFileSync(join(folderOf(name), 'README.md'), 'utf8')

/**
 * A text without what differs from machine to machine.
 * @param {string} text
 */
export const withoutSeconds = (text) => text.replace(seconds, '… s →')

/**
 * The pictures of a page, by their paths.
 * @param {string} page
 */
export const picturesOf = (page) => [...page.matchAll(/!\[[^\]]*\]\(([^)]+\.svg)\)/g)].map(([, path = '']) => path)

/**
 * The SVG files that lie beside a page.
 * @param {string} name
 */
export const keptPictures = (name) =>
  readdirSync(folderOf(name), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.svg'))
    .map((path) => path.replaceAll('\\', '/'))

/**
 * Figures of the text, such as 0.81 or 22,695, that no command or output of the page has.
 * @param {string} page
 */
export function unfoundedFigures(page) {
  const prose = page.replace(blocks, '')
  const found = [...page.matchAll(blocks)].map(([whole]) => whole).join('')
  return [...prose.matchAll(/(?<![\w.])\d[\d,]*\.\d+|\d+(,\d{3})+/g)]
    .map(([figure]) => figure)
    .filter((figure) => !found.includes(figure))
}

/**
 * Runs a page and returns it as it should be: with what was printed, and the pictures as they were written. Where only the
 * time of a training differs, the page keeps its own.
 *
 * Errors: an `Error` with the block and what it said, for a command that fails.
 * @param {string} name
 */
export async function runPage(name) {
  const folder = mkdtempSync(join(tmpdir(), `residua-example-${name}-`))
  try {
    const page = readPage(name)
    const programs = join(folder, 'programs')
    const place = join(folder, 'place')
    mkdirSync(place)
    linkProgram(programs)
    const env = { ...process.env, CLONE: root, NO_COLOR: '1', PATH: `${programs}${delimiter}${process.env['PATH']}` }
    let made = ''
    let end = 0
    for (const match of page.matchAll(blocks)) {
      const [whole, commands = '', between = '\n', output = ''] = match
      const printed = await run(commands, place, env)
      const kept = withoutSeconds(printed) === withoutSeconds(output) ? output : printed
      const text = kept === '' ? '' : `${between}\`\`\`text\n${kept}\`\`\`\n`
      made += `${page.slice(end, match.index)}\`\`\`sh\n${commands}\`\`\`\n${text}`
      end = match.index + whole.length
    }
    const pictures = new Map(picturesOf(page).map((path) => [path, readFileSync(join(place, path), 'utf8')]))
    return { page: made + page.slice(end), pictures }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Puts the built program where bash finds it by its name.
 * @param {string} programs
 */
function linkProgram(programs) {
  const main = join(root, 'dist', 'main.js')
  if (!existsSync(main)) throw new Error('dist/main.js is missing: run `npm run build` first')
  mkdirSync(programs)
  const file = join(programs, 'residua')
  writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
  chmodSync(file, 0o755)
}

/**
 * @param {string} commands
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 */
async function run(commands, cwd, env) {
  try {
    const args = ['-e', '-u', '-c', commands]
    return (await promisify(execFile)('bash', args, { cwd, env, timeout: 120_000 })).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error)
    throw new Error(`${commands}${stdout}${stderr.slice(-4_000)}`, { cause: error })
  }
}

/**
 * Writes a page and its pictures as `runPage` made them, and removes pictures that the page no longer shows.
 * @param {string} name
 * @param {Awaited<ReturnType<typeof runPage>>} made
 */
export function writePage(name, { page, pictures }) {
  for (const path of keptPictures(name)) rmSync(join(folderOf(name), path))
  for (const [path, picture] of pictures) {
    mkdirSync(dirname(join(folderOf(name), path)), { recursive: true })
    writeFileSync(join(folderOf(name), path), picture)
  }
  writeFileSync(join(folderOf(name), 'README.md'), page)
}
