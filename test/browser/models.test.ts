import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ModelRefusal, type RegisteredModel, type RegisteredVersion } from '../../src/ports/plant-models.ts'
import { ScriptedModels } from '../unit/server/fixtures.ts'
import { openPage, startBrowser } from './chromium.ts'
import { servePlant } from './page-server.ts'

let browser: Browser
const closers: (() => Promise<void>)[] = []

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

function version(number: number, parent: string | null): RegisteredVersion {
  const fingerprint = String(number).repeat(16)
  const data = { rows: 22_683, fromMs: 0, toMs: 60_000, channels: ['bearing'], files: ['bearing.csv'] }
  return {
    ...{ version: number, addedAt: '2026-05-01T10:00:00.000Z', addedBy: 'ann', fingerprint, sensors: 0, parent },
    data: { ...data, fingerprint: 'f'.repeat(64) },
    metrics: { relativeError: 0.9 },
  }
}

function pump(): RegisteredModel {
  const side = (meanError: number) => ({ meanError, alarms: 1, alarmReadings: 9 })
  const entry = { at: '2026-05-01T10:00:00.000Z', by: 'ann', version: 1, from: null, reason: 'trained on May' }
  return {
    ...{ name: 'pump', live: 1, shadow: 2, rollbackTo: null },
    versions: [version(1, null), version(2, 'pump-1111111111111111'), version(3, null)],
    audit: [{ ...entry, action: 'promote' }],
    comparison: {
      ...{ plant: 'north', live: 1, shadow: 2, fromMs: 0, toMs: 3_600_000, readings: 3_600, relativeError: 0.8 },
      alarms: { live: 2, shadow: 1 },
      sensors: [{ sensor: 'plant/pump-7/flow', readings: 3_600, live: side(2), shadow: side(1.6), apart: 4 }],
    },
  }
}

/** Does what is asked, as a plant that follows the registry would. */
class ObedientModels extends ScriptedModels {
  override now = { ...new ScriptedModels().now, shadow: 'pump@2' as string | null }
  override models = [pump()]
  refusal: ModelRefusal | undefined

  override async promote(...change: unknown[]): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal
    await super.promote(...change)
    const live = Number(change[1])
    this.models = [{ ...pump(), live, shadow: null, rollbackTo: 1 }]
    const lastChange = { at: Date.now(), model: `pump@${live}`, kept: 3, continued: 0, warmed: 1, warming: 0 }
    this.now = { ...this.now, model: `pump@${live}`, shadow: null, lastChange } as never
  }
}

async function open(models: ScriptedModels | undefined, options: BrowserContextOptions = {}) {
  const served = await servePlant(42, {}, models)
  const { page, close, complaints } = await openPage(browser, `${served.url}/#/models`, options)
  closers.push(close, served.close)
  return { page, complaints }
}

function text(page: Page): Promise<string> {
  return page.locator('main').innerText()
}

describe('the models', () => {
  it('tells what runs, which versions there are, and how the shadow does', async () => {
    const { page, complaints } = await open(new ObedientModels())
    await page.getByRole('heading', { name: 'pump', exact: true }).waitFor()
    const told = await text(page)
    expect(told).toMatch(/This plant scores with pump@1, and pump@2 scores beside it as the shadow\./)
    expect(told).toMatch(
      /The shadow’s error is 20 % smaller than the live model’s\. Alarms: live 2, the shadow would have raised 1/,
    )
    const rows = page.getByRole('table', { name: /Versions of pump/ }).getByRole('row')
    expect(await rows.nth(1).innerText()).toMatch(/pump@3/)
    expect(await rows.nth(2).innerText()).toMatch(/pump@2\s+Shadow[\s\S]*22,683 rows of bearing\s+pump@1\s+0\.900/)
    expect(await rows.nth(3).innerText()).toMatch(/pump@1\s+Live/)
    await page.getByText('Changes (1)').click()
    expect(await text(page)).toMatch(/pump@1 made live by ann: trained on May/)
    expect(complaints).toEqual([])
  })

  it('makes a version live after a question, by keyboard, with the reason', async () => {
    const models = new ObedientModels()
    const { page } = await open(models)
    await page.getByRole('button', { name: 'Make pump@2 live' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Make pump@2 live?' })
    await dialog.waitFor()
    await dialog.getByLabel('Why').fill('half the false alarms')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByText(/This plant scores with pump@2\./).waitFor()
    expect(models.changes).toEqual([
      ['promote', 'pump', 2, { by: expect.stringContaining('127.0.0.1'), reason: 'half the false alarms' }],
    ])
    expect(await text(page)).toMatch(/sensors: 3 kept their state, 1 were warmed up from recent readings/)
    await page.getByRole('button', { name: 'Roll back to pump@1' }).click()
    await page.getByRole('button', { name: 'Roll back', exact: true }).click()
    await vi.waitFor(() => expect(models.changes.at(-1)).toEqual(['rollback', 'pump', expect.anything()]))
  })

  it('starts and ends a shadow; Escape and Cancel change nothing', async () => {
    const models = new ObedientModels()
    const { page } = await open(models)
    await page.getByRole('button', { name: 'Let pump@3 score as the shadow' }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'End the shadow pump@2' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(models.changes).toEqual([])
    await page.getByRole('button', { name: 'Let pump@3 score as the shadow' }).click()
    await page.getByRole('button', { name: 'Start shadow' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'End the shadow pump@2' }).click()
    await page.getByRole('button', { name: 'End shadow', exact: true }).last().click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(models.changes.map(([what, name, number]) => [what, name, number])).toEqual([
      ['shadow', 'pump', 3],
      ['shadow', 'pump', null],
    ])
  })

  it('says why a change was refused, and what keeps the plant from following', async () => {
    const models = new ObedientModels()
    models.refusal = new ModelRefusal('conflict', 'pump@2 was damaged')
    models.now = { ...models.now, problem: 'weights.safetensors is cut' } as never
    const { page } = await open(models)
    await page.getByText('does not run what the registry says: weights.safetensors is cut').waitFor()
    await page.getByRole('button', { name: 'Make pump@2 live' }).click()
    await page.getByRole('button', { name: 'Make live', exact: true }).last().click()
    await page.getByRole('alert').filter({ hasText: 'pump@2 was damaged' }).waitFor()
  })

  it('names a model whose record is damaged, and shows the others', async () => {
    const models = new ObedientModels()
    models.damaged = ['fan: registry.json is cut: copy it back from a backup']
    const { page } = await open(models)
    await page.getByRole('alert').filter({ hasText: 'fan: registry.json is cut' }).waitFor()
    await page.getByRole('heading', { name: 'pump', exact: true }).waitFor()
  })

  it('says how a model comes here where none is registered', async () => {
    const { page } = await open(undefined)
    await page.getByText('No model is registered').waitFor()
    expect(await text(page)).toMatch(/It is fixed by the configuration/)
  })

  it('fits a phone', async () => {
    const { page } = await open(new ObedientModels(), { viewport: { width: 390, height: 844 }, isMobile: true })
    await page.getByRole('heading', { name: 'pump', exact: true }).waitFor()
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(await overflow()).toBe(0)
    await page.getByRole('button', { name: 'Make pump@2 live' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await overflow()).toBe(0)
  })
})
