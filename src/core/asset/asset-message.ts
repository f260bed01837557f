import type { SensorSpec } from '../../domain/sensor.ts'
import { readable, subject, withUnit } from '../message.ts'

/** A channel's part in what is said of an asset. Units: the channel's. */
export interface ChannelPart {
  readonly channel: SensorSpec
  readonly share: number
  readonly value: number
  readonly expected: number
}

/** A channel's part in a drift: how far its expectation has moved, in its unit. */
export interface DriftPart {
  readonly channel: SensorSpec
  readonly share: number
  readonly shift: number
}

/** Channels that a sentence names, and the share below which one is not worth naming. */
const named = 3
const shareMin = 0.05

/** The parts that a sentence names, the largest first: at least one. */
export function leading<Part extends { readonly share: number }>(parts: readonly Part[]): Part[] {
  const sorted = parts.toSorted((a, b) => b.share - a.share)
  return sorted.filter(({ share }, place) => place === 0 || (place < named && share >= shareMin))
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

/** Why the alarm of an asset is raised: how far beyond its limit, and which channels carry it. */
export function jointMessage(asset: string, ratio: number, parts: readonly ChannelPart[]): string {
  const channels = leading(parts).map(({ channel, share, value, expected }) => {
    const against = Number.isNaN(expected) ? '' : `, expected ${readable(expected)}`
    return `${subject(channel)} ${withUnit(channel, value)}${against} (${percent(share)})`
  })
  return `${asset}: its channels are together unlike what was learned, ${readable(ratio)} times the limit; ${channels.join('; ')}`
}

/** The sentence of an asset whose channels are as learned again. */
export function jointReturnedMessage(asset: string): string {
  return `${asset}: its channels are together as learned again`
}

/** Why the drift alarm of an asset is raised. */
export function driftMessage(asset: string, ratio: number, tracks: boolean, parts: readonly DriftPart[]): string {
  const channels = leading(parts).map(({ channel, share, shift }) => {
    const moved = `${shift < 0 ? '−' : '+'}${withUnit(channel, Math.abs(shift))}`
    return `${subject(channel)} ${moved} (${percent(share)})`
  })
  const follows = tracks ? '; what counts as normal has followed it' : ''
  return `${asset}: drifts slowly from what was learned, ${readable(ratio)} times the limit; ${channels.join('; ')}${follows}`
}

/** The sentence of an asset that no longer drifts. */
export function driftReturnedMessage(asset: string): string {
  return `${asset}: near what was learned again`
}

/** The sentence of an asset's alarm whose cause somebody takes as normal. */
export function jointAcceptedMessage(asset: string, by: string): string {
  return `${asset}: taken as normal from now on (${by})`
}
