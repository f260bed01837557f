/** The constants of recipe A, an asset of several channels with one joint score, with the names of its description. */
export const jointRecipe = {
  /** A channel in its own units counts at most this many standard deviations. */
  scaledMost: 50,
  /** Penalty of the ridge regressions. */
  lambda: 50,
  /** Ticks that a channel is told from. */
  lags: 2,
  /** Blocks of the learned ticks; moments and limits come from residuals of a block under the regression of the others. */
  folds: 4,
  /** Weight of a tick in the smoothed distance, and how many medians one distance counts at most. */
  distanceWeight: 0.05,
  distanceMost: 8,
  /** Weight of a tick in the smoothed residuals, and how many standard deviations of its channel one counts at most. */
  residualWeight: 0.2,
  residualMost: 8,
  /** Limits are this quantile of the statistic out of sample, times the factor of the sensitivity. */
  limitQuantile: 0.99,
  /** The limit of one channel alone lies so much higher: it is a third chance of a false alarm. */
  aloneMargin: 1.1,
  factor: { low: 1.4, normal: 1.1, high: 1.0 },
  /** score = f^power / (1 + f^power): 0.5 at the limit. */
  scorePower: 8,
  /** The smoothed distance decides as if it never rose beyond so many limits: an anomaly that is over does not go on by its size. */
  distanceLimitsMost: 1.2,
  /** A channel went somewhere while it was learned where its means over the quarters make so much of its variance … */
  travelShareMin: 0.4,
  /** … and is then told by its distance from a level that follows by this share in each tick. */
  levelWeight: 0.1,
  /** What is usual of the residuals is known from the learned ticks alone, so it settles: a calm tick weighs as one in so many times them. */
  settleTimes: 2,
  /** Tracking of slow change: weight of a tick in the centre that follows. */
  trackWeight: 1 / 100,
  /** A drift is this many times the largest distance of the slow centre while learning, or that of chance: so many deviations. */
  driftMargin: 2,
  driftDeviations: 3.1,
  /** The drift alarm ends below this share of its limit. */
  driftOff: 0.8,
  /** Fewest channels, as a share, that a tick needs to be scored. */
  presentShareMin: 0.5,
} as const
