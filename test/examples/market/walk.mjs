// A market-like series: a random walk with jumps, the same at every run. Usage: node walk.mjs > walk.csv
const rows = 20_000
const stepMs = 5 * 60_000
/** Standard deviation of a step, and of a jump; jumps come once in 200 rows. */
const [usual, jump, jumpShare] = [0.05, 0.5, 0.005]

let state = 20_26
/** Uniform in [0, 1): the mulberry32 generator of Tommy Ettinger. */
function uniform() {
  state = (state + 0x6d2b79f5) | 0
  let bits = Math.imul(state ^ (state >>> 15), state | 1)
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
}
/** Normal enough (a sum of twelve), and without a logarithm whose last bit differs between engines. */
const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6)

let price = 100
const lines = Array.from({ length: rows }, (_, row) => {
  price += usual * normal() + (uniform() < jumpShare ? jump * normal() : 0)
  return `${new Date(Date.UTC(2026, 0, 5) + row * stepMs).toISOString()},${price.toFixed(4)}`
})
process.stdout.write(`timestamp,value\n${lines.join('\n')}\n`)
