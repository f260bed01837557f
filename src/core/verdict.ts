/** What a recipe says of a scored reading; one object, used again for every row. */
export interface Verdict {
  /** Expected value, and half the width of the band around it; sensor's unit. */
  expected: number
  half: number
  /** 0 … 1; 0.5 is the alarm boundary. */
  score: number
  /** The alarm's condition begins; ends; never both. */
  isOn: boolean
  isOff: boolean
  /** Which way the reading is off: positive above. */
  sign: number
  /** Whether one reading's expectation can say why. */
  isOneWay: boolean
  /** How near the sensor is to its limits: 1 is at them. */
  strain: number
}
