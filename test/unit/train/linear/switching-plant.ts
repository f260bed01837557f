import { createPrng } from '../../../../src/base/prng.ts'
import type { History } from '../../../../src/train/data/history.ts'
import { historyOf } from '../data/series.ts'

/** What happens to the heater between two rows: it gives this share of its power. */
export interface PowerLoss {
  readonly from: number
  readonly to: number
  readonly power: number
}

/**
 * A heated vessel with two known commands, heater and fan, each on or off for a while. The fan cools, and blows most of the heat past
 * the vessel: how fast it warms is a product of both commands, which no sum of them is. What is commanded in a row acts until the next.
 */
export function switchingPlant(rows: number, seed: number, loss: PowerLoss = { from: 0, to: 0, power: 1 }): History {
  const random = createPrng(seed)
  const temperature = new Float64Array(rows)
  const heater = new Float64Array(rows)
  const fan = new Float64Array(rows)
  let now = 40
  let commands = { heater: 0, fan: 0, heaterRows: 20, fanRows: 100 }
  for (let row = 0; row < rows; row++) {
    const { heaterRows, fanRows } = commands
    commands = {
      heater: heaterRows === 0 ? 1 - commands.heater : commands.heater,
      fan: fanRows === 0 ? 1 - commands.fan : commands.fan,
      heaterRows: heaterRows === 0 ? 60 + random.integer(100) : heaterRows - 1,
      fanRows: fanRows === 0 ? 100 + random.integer(150) : fanRows - 1,
    }
    temperature[row] = now + 0.05 * random.normal()
    heater[row] = commands.heater
    fan[row] = commands.fan
    const power = row >= loss.from && row < loss.to ? loss.power : 1
    const heat = 12 * power * commands.heater * (commands.fan === 1 ? 0.35 : 1)
    now += heat - (now - 20) * (commands.fan === 1 ? 0.25 : 0.12) + 0.03 * random.normal()
  }
  const history = historyOf([temperature, heater, fan])
  return { ...history, name: 'vessel', channels: ['vessel'], context: ['heater', 'fan'], contextMaxAgeMs: 180_000 }
}
