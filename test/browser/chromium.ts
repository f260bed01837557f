import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Where the browser is. Errors: says what to do when there is none. */
export function chromiumPath(): string {
  const path = process.env['RESIDUA_TEST_CHROMIUM'] ?? places.find((place) => existsSync(place))
  if (path !== undefined) return path
  throw new Error(
    'No Chromium was found. On Debian: apt-get install -y --no-install-recommends chromium fonts-dejavu-core. ' +
      'Elsewhere: set RESIDUA_TEST_CHROMIUM to the path of a Chromium or Chrome.',
  )
}

/** Starts the browser. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** A page with a record of everything that should not happen: console errors, thrown errors, requests to elsewhere. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page: Page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin)) complaints.push(`foreign request: ${request.url()}`)
  })
  await page.goto(url)
  return { page, complaints, close: () => context.close() }
}
