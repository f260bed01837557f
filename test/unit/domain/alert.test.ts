import { describe, expect, it } from 'vitest'
import { alarmLabels, labelFingerprint } from '../../../src/domain/alarm.ts'
import { isFiring, isNews, sensorLink, toAlert } from '../../../src/domain/alert.ts'
import { sampleAlarm, sampleContext, sampleTimeMs } from '../../contract/sink-samples.ts'

describe('alarmLabels()', () => {
  const subject = { id: 'pump', asset: 'pump-7', labels: {}, priority: 'high' } as const

  it('says what kind of alarm it is, whose and how urgent', () => {
    expect(alarmLabels(subject, 'instrument', 'north')).toEqual({
      ...{ alertname: 'ResiduaInstrumentFault', plant: 'north', sensor: 'pump', asset: 'pump-7' },
      ...{ class: 'instrument', priority: 'high' },
    })
  })

  it('makes label names that Prometheus takes', () => {
    const labels = { 'line-no': '7', '1st': 'x', größe: 'm', '': 'nameless', ok_1: 'y' }
    const made = alarmLabels({ ...subject, labels }, 'process', 'north')
    expect(made).toMatchObject({ line_no: '7', _1st: 'x', gr__e: 'm', _: 'nameless', ok_1: 'y' })
    for (const name of Object.keys(made)) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/)
  })

  it('lets no label of a sensor take the place of its own', () => {
    const labels = { sensor: 'other', plant: 'other', priority: 'low', class: 'x', alertname: 'x', asset: 'x' }
    expect(alarmLabels({ ...subject, labels }, 'process', 'north')).toEqual(alarmLabels(subject, 'process', 'north'))
  })

  it('leaves empty values out, as Alertmanager does before it hashes', () => {
    const made = alarmLabels({ ...subject, asset: null, labels: { area: '' } }, 'process', '')
    expect(Object.keys(made).sort()).toEqual(['alertname', 'class', 'priority', 'sensor'])
  })

  it('gives the same fingerprint whatever the order of the labels', () => {
    const one = alarmLabels({ ...subject, labels: { a: '1', b: '2' } }, 'process', 'north')
    const other = alarmLabels({ ...subject, labels: { b: '2', a: '1' } }, 'process', 'north')
    expect(labelFingerprint(one)).toBe(labelFingerprint(other))
  })
})

describe('toAlert()', () => {
  const context = sampleContext()

  it('fires from the raise on and has no end', () => {
    expect(toAlert(sampleAlarm(context, { sensor: 's' }), {})).toMatchObject({
      ...{ status: 'firing', startsMs: sampleTimeMs, endsMs: null },
    })
  })

  it('ends with the return, and never before its beginning', () => {
    const back = { sensor: 's', state: 'rtn_unack', eventMs: sampleTimeMs + 5 } as const
    expect(toAlert(sampleAlarm(context, back), {})).toMatchObject({ status: 'resolved', endsMs: sampleTimeMs + 5 })
    const early = sampleAlarm(context, { ...back, eventMs: sampleTimeMs - 5 })
    expect(toAlert(early, {}).endsMs).toBe(sampleTimeMs)
  })

  it('has the fingerprint that the alarm itself carries', () => {
    const labels = { area: 'hall 1', asset: 'pump-7' }
    context.catalog.intern('labelled', labels)
    const transition = sampleAlarm(context, { sensor: 'labelled' })
    expect(toAlert(transition, labels).fingerprint).toBe(transition.alarm.fingerprint)
  })

  it('leaves out the figures that an instrument fault does not have', () => {
    const { alarm, ...rest } = sampleAlarm(context, { sensor: 's', alarmClass: 'instrument' })
    const silent = { ...rest, alarm: { ...alarm, value: null, expected: null, lower: null, upper: null } }
    expect(Object.keys(toAlert(silent, {}).annotations).sort()).toEqual(['id', 'score', 'state', 'summary'])
  })
})

describe('what the outside hears of an alarm', () => {
  it('fires while someone must be told', () => {
    const states = [
      'normal',
      'unack',
      'ack',
      'rtn_unack',
      'latched',
      'shelved',
      'suppressed',
      'out_of_service',
    ] as const
    expect(states.filter(isFiring)).toEqual(['unack', 'ack', 'latched'])
  })

  it('is no news that a returned alarm becomes normal', () => {
    const back = sampleAlarm(sampleContext(), { sensor: 's', state: 'rtn_unack' })
    expect(isNews(back)).toBe(true)
    expect(isNews({ ...back, from: 'rtn_unack', alarm: { ...back.alarm, state: 'normal' } })).toBe(false)
  })

  it('links to the sensor on the page, its id as one segment', () => {
    expect(sensorLink('https://residua.example/', 'a/b c#d')).toBe('https://residua.example/#/sensor/a%2Fb%20c%23d')
  })
})
