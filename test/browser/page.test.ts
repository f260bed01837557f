import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openPage, startBrowser } from './chromium.ts'
import { servePlant } from './page-server.ts'

const bearing = 'plant/hall-a/pump-7/bearing-temperature'
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

let browser: Browser
let served: Awaited<ReturnType<typeof servePlant>>
let complaints: string[] = []
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
})
beforeEach(async () => {
  served = await servePlant(42)
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
  await served.close()
})

async function open(hash = '#/', options: BrowserContextOptions = {}): Promise<Page> {
  const opened = await openPage(browser, `${served.url}/${hash}`, options)
  closers.push(opened.close)
  complaints = opened.complaints
  return opened.page
}

function card(page: Page, name: string) {
  return page.locator('article.card').filter({ has: page.getByRole('heading', { name, exact: true }) })
}

function row(page: Page, id: string) {
  return page.locator(`a.row[href="#/sensor/${encodeURIComponent(id)}"]`)
}

function eventually(check: () => Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 15_000, interval: 50 })
}

const pageOverflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

describe('the overview', () => {
  it('shows assets by health, the worst first, with words and signs besides colour', async () => {
    const page = await open()
    await card(page, 'pump-7').waitFor()
    // Cards are made as they come near the window.
    const names = () => page.locator('article.card h2').allTextContents()
    const worstFirst = [
      'pump-7',
      'furnace-2',
      'cooling-1',
      'tank-3',
      'compressor-1',
      'conveyor-4',
      'pump-11',
      'Sensors without an asset',
    ]
    await eventually(async () => expect(await names()).toEqual(worstFirst))
    await eventually(async () => expect(await card(page, 'pump-7').locator('.pill').textContent()).toBe('Anomaly'))
    await eventually(async () =>
      expect(await card(page, 'pump-7').locator('.card-meta').textContent()).toBe('6 sensors · 2 anomalies'),
    )
    await eventually(async () => expect(await card(page, 'compressor-1').locator('.pill').textContent()).toBe('Normal'))
    await eventually(async () =>
      expect(await row(page, bearing).getByRole('img').getAttribute('aria-label')).toBe('Anomaly'),
    )
    await eventually(async () => expect(await row(page, bearing).locator('.unit').textContent()).toBe('°C'))
    await eventually(async () => {
      expect((await row(page, bearing).locator('.sparkline path').getAttribute('d'))?.length).toBeGreaterThan(100)
    })
    expect(complaints).toEqual([])
  })

  it('shows the figures of the plant and the health of its connections', async () => {
    const page = await open()
    const figures = page.getByRole('region', { name: 'The plant in figures' })
    await eventually(async () => expect(await figures.textContent()).toContain('All connected'))
    await eventually(async () => expect(await figures.textContent()).toContain('of 42 sensors'))
    served.plant.up.mqtt = false
    await eventually(async () => expect(await figures.textContent()).toContain('1 of 5 down'))
    await figures.getByText('Connections').click()
    await eventually(async () => expect(await figures.textContent()).toContain('Down: connection refused'))
  })

  it('filters by state and by search, and the address reproduces the view', async () => {
    const page = await open()
    await page.getByRole('button', { name: /^Instrument fault/ }).click()
    await eventually(async () => expect(await page.locator('article.card h2').allTextContents()).toEqual(['furnace-2']))
    expect(page.url()).toContain('#/?state=fault')
    await page.getByRole('button', { name: /^All/ }).click()
    await page.getByRole('searchbox').fill('hall-a vibr')
    await eventually(async () => expect(await page.locator('a.row').count()).toBe(2))
    const again = await open(new URL(page.url()).hash)
    await eventually(async () => expect(await again.locator('a.row').count()).toBe(2))
    await eventually(async () => expect(await again.getByRole('searchbox').inputValue()).toBe('hall-a vibr'))
    await again.getByRole('searchbox').fill('nothing like this')
    await again.getByRole('heading', { name: 'No sensor matches' }).waitFor()
  })

  it('shows a live value, and moves an asset up when one of its sensors gets worse', async () => {
    const page = await open()
    await card(page, 'conveyor-4').waitFor()
    await eventually(async () => expect(served.plant.listeners).toBe(1))
    const id = 'plant/hall-b/conveyor-4/load'
    served.plant.set(id, { value: 4321, time: Date.now() + 60_000 })
    await eventually(async () => expect(await row(page, id).locator('.number').textContent()).toBe('4,321'))
    served.plant.set(id, { state: 'anomaly', score: 0.99, alarm: 1 })
    await eventually(async () => {
      expect((await page.locator('article.card h2').allTextContents()).slice(0, 2)).toEqual(['conveyor-4', 'pump-7'])
    })
    expect(complaints).toEqual([])
  })

  it('finds out by itself that a sensor is gone, although nothing is said of it', async () => {
    const page = await open()
    await row(page, bearing).waitFor()
    await served.plant.removeSensor(bearing)
    await eventually(async () => expect(await row(page, bearing).count()).toBe(0))
  })

  it('shows a sensor that is met for the first time', async () => {
    const page = await open()
    await card(page, 'pump-7').waitFor()
    await eventually(async () => expect(served.plant.listeners).toBe(1))
    const known = served.plant.sensor(bearing)!
    served.plant.say({ type: 'scores', sensors: [{ ...known, id: 'brand-new', asset: 'press-1', state: 'warmup' }] })
    await card(page, 'press-1').waitFor()
  })
})

describe('a sensor', () => {
  it('is reached, read and zoomed by keyboard alone', async () => {
    const page = await open()
    await row(page, bearing).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
    await page.keyboard.press('Enter')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('href') ?? '')
    for (let presses = 0; presses < 40 && !(await focused()).includes('bearing'); presses++)
      await page.keyboard.press('Tab')
    expect(await focused()).toContain('bearing-temperature')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'bearing-temperature', level: 1 }).waitFor()
    const chart = page.getByRole('group', { name: /^Chart of value/ })
    await chart.focus()
    await page.keyboard.press('ArrowLeft')
    await eventually(async () => expect(await page.locator('.legend').textContent()).toContain('At cursor'))
    await page.keyboard.press('+')
    const all = page.getByRole('button', { name: 'All', exact: true })
    await eventually(async () => expect(await all.getAttribute('aria-pressed')).toBe('false'))
    await page.keyboard.press('0')
    await eventually(async () => expect(await all.getAttribute('aria-pressed')).toBe('true'))
    await page.goBack()
    await row(page, bearing).waitFor()
    expect(complaints).toEqual([])
  })

  it('shows value, expected, band, score in words, labels and its alarms, and draws them', async () => {
    const page = await open(`#/sensor/${encodeURIComponent(bearing)}`)
    const facts = page.getByRole('region', { name: 'Facts' })
    await facts.waitFor()
    const text = (await facts.textContent()) ?? ''
    for (const word of ['far from normal', 'Expected', 'Band', '…', 'Residual', '+', 'pump-7', 'hall-a', '°C']) {
      expect(text).toContain(word)
    }
    const alarms = page.getByRole('region', { name: 'Alarms of this sensor' })
    await eventually(async () => expect(await alarms.textContent()).toContain('and rising'))
    const painted = await page
      .locator('.plot canvas')
      .first()
      .evaluate((element) => {
        const canvas = element as HTMLCanvasElement
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        const colours = new Set<string>()
        for (let at = 0; at < data.length; at += 4) if (data[at + 3]! > 0) colours.add(data.slice(at, at + 4).join())
        return { colours: colours.size, width: canvas.width }
      })
    expect(painted.width).toBeGreaterThan(600)
    expect(painted.colours).toBeGreaterThan(20)
    expect(complaints).toEqual([])
  })

  it('says why the newest reading is not as expected, and any other when it is clicked or entered', async () => {
    const page = await open(`#/sensor/${encodeURIComponent(bearing)}`)
    const why = page.getByRole('region', { name: 'Why' })
    await eventually(async () => expect(await why.textContent()).toMatch(/The newest reading, .*above the expected/))
    expect(await why.textContent()).toMatch(/Change since the reading before[+−].* °C.*because of the last 32 readings/)
    expect(await why.locator('rect').count()).toBe(32)
    const newest = await why.textContent()
    const box = (await page.locator('.u-over').first().boundingBox())!
    await page.mouse.click(box.x + 60, box.y + 80)
    await eventually(async () => expect(await why.textContent()).toContain('The reading of '))
    const clicked = await why.textContent()
    expect(clicked).not.toBe(newest)
    await page.locator('.plots').focus()
    for (const key of ['Shift+ArrowRight', 'Enter']) await page.keyboard.press(key)
    await eventually(async () => {
      const entered = await why.textContent()
      expect(entered).toContain('The reading of ')
      expect(entered).not.toBe(clicked)
    })
    await why.getByRole('button', { name: 'Follow the newest' }).click()
    await eventually(async () => expect(await why.textContent()).toContain('The newest reading'))
    await page.goto(`${served.url}/#/sensor/${encodeURIComponent('plant/yard/tank-3/ph')}`)
    await eventually(async () => expect(await why.textContent()).toContain('Nothing to explain yet'))
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([])
  })

  it('follows what comes in, and zooms by dragging', async () => {
    const page = await open(`#/sensor/${encodeURIComponent(bearing)}`)
    await page.locator('.plot canvas').first().waitFor()
    await eventually(async () => expect(served.plant.listeners).toBe(1))
    const next = served.plant.sensor(bearing)!.time! + 1_000
    served.plant.set(bearing, { value: 77.77, time: next })
    await eventually(async () => expect(await page.locator('[data-kind=value] dd').textContent()).toContain('77.77'))
    const box = (await page.locator('.u-over').first().boundingBox())!
    await page.mouse.move(box.x + 100, box.y + 80)
    await page.mouse.down()
    await page.mouse.move(box.x + 300, box.y + 80, { steps: 4 })
    await page.mouse.up()
    await page.getByRole('button', { name: 'Reset zoom' }).click()
    await eventually(async () => expect(await page.getByRole('button', { name: 'Reset zoom' }).count()).toBe(0))
    expect(complaints).toEqual([])
  })

  it('asks for the readings that the live stream left out', async () => {
    const page = await open(`#/sensor/${encodeURIComponent(bearing)}`)
    await page.locator('.plot canvas').first().waitFor()
    await eventually(async () => expect(served.plant.listeners).toBe(1))
    const asked = page.waitForRequest((request) => request.url().includes('history?from='))
    // Faster than the stream: of these 20 readings it carries a few at most.
    for (let count = 0; count < 20; count++) served.plant.tick()
    await asked
    const newest = served.plant.sensor(bearing)!.time!
    const clock = new Date(newest).toLocaleTimeString('en-GB')
    await eventually(async () => expect(await page.locator('.legend-time dd').textContent()).toContain(clock))
  })

  it('writes the date of a series from another year', async () => {
    const page = await open('#/sensor/machine_temperature_system_failure', { timezoneId: 'Europe/Berlin' })
    await eventually(async () => expect(await page.locator('.now').textContent()).toContain('19 Feb 2014, 16:25:00'))
  })

  it('says so when nobody knows the id', async () => {
    const page = await open('#/sensor/none')
    await page.getByRole('heading', { name: 'No such sensor' }).waitFor()
  })
})

describe('the alarm list', () => {
  it('shows active alarms, and all of them when asked', async () => {
    const page = await open('#/alarms')
    const rows = page.locator('.alarm-table tbody tr')
    await eventually(async () => expect(await rows.count()).toBe(4))
    await eventually(async () => expect(await rows.first().textContent()).toContain('Critical'))
    await eventually(async () => expect(await page.getByRole('columnheader').allTextContents()).toContain('Raised'))
    await page.getByRole('link', { name: 'All', exact: true }).click()
    await eventually(async () => expect(await rows.count()).toBe(8))
    await eventually(async () => expect(await rows.last().textContent()).toContain('Feb 2014'))
    await page.getByRole('searchbox').fill('stuck')
    await eventually(async () => expect(await rows.count()).toBe(1))
    await page.getByRole('link', { name: 'furnace-2/oxygen' }).click()
    await page.getByRole('heading', { name: 'oxygen', level: 1 }).waitFor()
    expect(complaints).toEqual([])
  })

  it('takes a new alarm in live, says it aloud, and lets it go when it is over', async () => {
    const page = await open('#/alarms')
    const rows = page.locator('.alarm-table tbody tr')
    await eventually(async () => expect(await rows.count()).toBe(4))
    const raised = Date.now()
    served.plant.alarm(bearing, 'unack', raised, 'critical', 'value leaps')
    await eventually(async () => expect(await rows.first().textContent()).toContain('value leaps'))
    await eventually(async () =>
      expect(await page.getByTestId('announcer').textContent()).toContain(`priority Critical: ${bearing}, value leaps`),
    )
    served.plant.alarm(bearing, 'normal', raised, 'critical', 'value is back')
    await eventually(async () => expect(await rows.count()).toBe(4))
  })
})

describe('everywhere', () => {
  it('is dark when the system is, and remembers a choice', async () => {
    const page = await open('#/', { colorScheme: 'dark' })
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    await card(page, 'pump-7').waitFor()
    await eventually(async () => expect(await ground()).toBe('rgb(17, 23, 27)'))
    await page.getByRole('button', { name: 'Change to light' }).click()
    await eventually(async () => expect(await ground()).toBe('rgb(236, 239, 241)'))
    await page.reload()
    await card(page, 'pump-7').waitFor()
    await eventually(async () => expect(await ground()).toBe('rgb(236, 239, 241)'))
  })

  it.each([
    ['overview', '#/', 'article.card'],
    ['sensor', `#/sensor/${encodeURIComponent(bearing)}`, '.plot canvas'],
    ['alarms', '#/alarms?show=all', '.alarm-table tbody tr'],
  ])('the %s fits 390 pixels without scrolling sideways', async (_name, hash, content) => {
    const page = await open(hash, phone)
    await page.locator(content).first().waitFor()
    expect(await pageOverflow(page)).toBe(0)
    expect(complaints).toEqual([])
  })

  it('says that the connection is lost, and catches up when the server is back', async () => {
    const page = await open()
    await card(page, 'pump-7').waitFor()
    await eventually(async () => expect(served.plant.listeners).toBe(1))
    await served.down()
    await page.getByRole('alert').waitFor()
    served.plant.set(bearing, { value: 12.34, time: Date.now() + 60_000 })
    await served.up()
    await eventually(async () => expect(await page.getByRole('alert').count()).toBe(0))
    await eventually(async () => expect(await row(page, bearing).locator('.number').textContent()).toBe('12.34'))
  })

  it('asks for a token, keeps it in the tab, and the live stream carries it', async () => {
    await served.close()
    process.env['RESIDUA_TEST_TOKEN'] = 'let-me-see'
    const tokens = [{ role: 'viewer', token: '${RESIDUA_TEST_TOKEN}' }] as const
    served = await servePlant(42, { auth: { tokens } })
    const page = await open()
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The server does not know this token.').waitFor()
    await page.getByLabel('Token').fill('let-me-see')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await card(page, 'pump-7').waitFor()
    await eventually(async () => expect(served.plant.listeners).toBe(1))
    await page.reload()
    await card(page, 'pump-7').waitFor()
    delete process.env['RESIDUA_TEST_TOKEN']
  })
})

describe('at 1,000 sensors', () => {
  it('shows every one, makes only what is near the window, and stays in step with the readings', async () => {
    await served.close()
    served = await servePlant(1_000)
    served.plant.start(5)
    const page = await open()
    await eventually(async () =>
      expect(await page.getByRole('status').allTextContents()).toContain('1000 sensors shown'),
    )
    const names = await page.locator('article.card h2').count()
    expect(names).toBeGreaterThan(150)
    expect(await page.locator('a.row').count()).toBeLessThan(400)
    const last = page.locator('article.card').last()
    await last.scrollIntoViewIfNeeded()
    const rows = last.locator('a.row')
    await rows.first().waitFor()
    const value = rows.first().locator('.number')
    const before = await value.textContent()
    await eventually(async () => expect(await value.textContent()).not.toBe(before))
    expect(await page.locator('a.row').count()).toBeLessThan(400)
    expect(complaints).toEqual([])
  })

  it('opens a group of 1,000 sensors in pieces', async () => {
    await served.close()
    served = await servePlant(42)
    const known = served.plant.sensor(bearing)!
    const page = await open()
    await card(page, 'pump-7').waitFor()
    await eventually(async () => expect(served.plant.listeners).toBe(1))
    const sensors = Array.from({ length: 1_000 }, (_, index) => ({ ...known, id: `tag-${index}`, asset: 'wide' }))
    served.plant.say({ type: 'scores', sensors })
    await page.getByRole('button', { name: 'Show all 1,000 sensors' }).click()
    await row(page, 'tag-0').waitFor()
    expect(await page.locator('a.row').count()).toBeLessThan(500)
    await page.getByRole('button', { name: 'Show fewer' }).scrollIntoViewIfNeeded()
    await row(page, 'tag-999').waitFor()
    expect(complaints).toEqual([])
  })
})

describe('an alarm that an operator accepts', () => {
  it('is asked about once more, with a reason, and ends with who accepted it', async () => {
    const page = await open(`#/sensor/${encodeURIComponent(bearing)}`)
    const button = page.getByRole('button', { name: 'Accept as normal' })
    await button.first().click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.innerText()).toMatch(/counts as normal from the next reading on, and the alarm ends/)
    await dialog.getByLabel('Why (kept in the alarm journal)').fill('new bearing')
    await dialog.getByRole('button', { name: 'Accept as normal' }).click()
    await dialog.waitFor({ state: 'detached' })
    await eventually(async () =>
      expect(await page.getByRole('region', { name: 'Alarms of this sensor' }).innerText()).toMatch(
        /taken as normal from now on \(accepted by somebody at .*: new bearing\)/,
      ),
    )
    expect(await button.count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('keeps its dialog open with the reason where it was over already', async () => {
    const page = await open(`#/sensor/${encodeURIComponent(bearing)}`)
    await page.getByRole('button', { name: 'Accept as normal' }).first().click()
    served.plant.acceptAlarm = async () => 'over'
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Accept as normal' }).click()
    await eventually(async () => expect(await dialog.innerText()).toMatch(/does not stand any more/))
  })
})
