import { ar } from './baselines/ar.ts'
import { arma } from './baselines/arma.ts'
import { ewma } from './baselines/ewma.ts'
import { ma } from './baselines/ma.ts'
import { naive } from './baselines/naive.ts'
import { ridge } from './baselines/ridge.ts'
import { seasonalNaive } from './baselines/seasonal-naive.ts'
import type { Baseline, Series } from './series.ts'

/** All simple methods, the simplest first. */
export const baselines: readonly Baseline[] = [naive, seasonalNaive, ewma, ar, ma, arma, ridge]

/** The methods that have something to say of a series: the seasonal one only where there is a season. */
export function baselinesFor({ season }: Series): readonly Baseline[] {
  return season === null ? baselines.filter((baseline) => baseline !== seasonalNaive) : baselines
}
