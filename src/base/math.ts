/**
 * exp, log, tanh, sigmoid, erf, sin and cos with fixed operations, so that every engine gives the same bits.
 *
 * Only +, −, ×, ÷, comparison, `Math.floor` and `Math.fround` are used, which IEEE 754 and ECMAScript define exactly.
 * Source: Cephes (exp, tanh) and fdlibm (log, erf, sin, cos); errors of about one unit in the last place.
 */

const scratch = new DataView(new ArrayBuffer(8))

/** 2^n for n in −1074…1023, made by exact doublings and halvings. */
const powersOfTwo = makePowersOfTwo()

function makePowersOfTwo(): Float64Array {
  const table = new Float64Array(1023 + 1074 + 1)
  table[1074] = 1
  for (let n = 1; n <= 1023; n++) table[1074 + n] = table[1073 + n]! * 2
  for (let n = -1; n >= -1074; n--) table[1074 + n] = table[1075 + n]! / 2
  return table
}

/** e^x; 0 below −745.2, Infinity above 709.8, NaN for NaN. */
export function exp(x: number): number {
  if (!(x > -745.2)) return x <= -745.2 ? 0 : Number.NaN
  if (x > 709.79) return Number.POSITIVE_INFINITY
  const n = Math.floor(Math.LOG2E * x + 0.5)
  const r = x - n * 0.693145751953125 - n * 0.0000014286068203094173
  const rr = r * r
  const p = r * ((0.00012617719307481058 * rr + 0.030299440770744195) * rr + 1)
  const q = ((0.0000030019850513866446 * rr + 0.002524483403496841) * rr + 0.22726554820815503) * rr + 2
  const half = Math.floor(n / 2)
  return (1 + (2 * p) / (q - p)) * powersOfTwo[1074 + half]! * powersOfTwo[1074 + n - half]!
}

/** Hyperbolic tangent; odd, ±1 at ±Infinity, NaN for NaN. */
export function tanh(x: number): number {
  const z = x < 0 ? -x : x
  if (z > 0.625) {
    if (z > 22) return x < 0 ? -1 : 1
    const t = 1 - 2 / (exp(2 * z) + 1)
    return x < 0 ? -t : t
  }
  const s = x * x
  const p = (-0.9643991794250523 * s - 99.28772310019185) * s - 1614.6876844170845
  const q = ((s + 112.81167849163293) * s + 2235.4883906010045) * s + 4844.063053251255
  return x + (x * s * p) / q
}

/** Logistic function 1 / (1 + e^−x). */
export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x))
}

/** Natural logarithm; −Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  let k = 0
  let scaled = x
  if (x < 2.2250738585072014e-308) {
    scaled = x * 18014398509481984
    k = -54
  }
  scratch.setFloat64(0, scaled)
  const high = scratch.getUint32(0)
  k += (high >>> 20) - 1023
  scratch.setUint32(0, (high & 0xfffff) | 0x3ff00000)
  let m = scratch.getFloat64(0)
  if (m > Math.SQRT2) {
    m /= 2
    k += 1
  }
  const f = m - 1
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const t1 = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373))
  const t2 = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
  const half = 0.5 * f * f
  return k * 0.6931471803691238 - (half - (s * (half + t1 + t2) + k * 1.9082149292705877e-10) - f)
}

/** x^y for x > 0 as e^(y·ln x): good to about 1e-13 relative for moderate arguments. */
export function pow(x: number, y: number): number {
  return exp(y * log(x))
}

function kernelSin(x: number): number {
  const z = x * x
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (0.0000027557313707070068 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)))
  return x + z * x * (-0.16666666666666632 + z * r)
}

function kernelCos(x: number): number {
  const z = x * x
  const r =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (0.00002480158728947673 +
              z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 - z * 1.1359647557788195e-11)))))
  return 1 - (0.5 * z - z * r)
}

/** Sine; meant for |x| below about 1e6, where the two-part reduction keeps 1e-10. */
export function sin(x: number): number {
  const n = Math.floor(x * 0.6366197723675814 + 0.5)
  const r = x - n * 1.5707963267341256 - n * 6.077100506506192e-11
  const quadrant = n - 4 * Math.floor(n / 4)
  if (quadrant === 0) return kernelSin(r)
  if (quadrant === 1) return kernelCos(r)
  return quadrant === 2 ? -kernelSin(r) : -kernelCos(r)
}

/** Cosine; as `sin`. */
export function cos(x: number): number {
  return sin(x + 1.5707963267948966)
}

/** ln(1 + x), also where 1 + x rounds to 1. */
export function log1p(x: number): number {
  const sum = 1 + x
  if (sum === 1 || sum === Number.POSITIVE_INFINITY) return x
  return (log(sum) * x) / (sum - 1)
}

/** e^x − 1, also where e^x rounds to 1. */
export function expm1(x: number): number {
  const grown = exp(x)
  if (grown === 1) return x
  if (grown === Number.POSITIVE_INFINITY) return grown
  return grown === 0 ? -1 : ((grown - 1) * x) / log(grown)
}

/** c[0] + c[1]·x + c[2]·x² + … */
function polynomial(c: readonly number[], x: number): number {
  let sum = 0
  for (let k = c.length - 1; k >= 0; k--) sum = sum * x + c[k]!
  return sum
}

// Coefficients of erf, lowest power first, as fdlibm's s_erf.c has them.
const erfNear = [
  [0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -0.000023763016656650163],
  [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -0.000003960228278775368],
] as const
const erfMiddle = [
  [
    -0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668,
    0.035478304325618236, -0.002166375594868791,
  ],
  [
    1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905,
    0.011984499846799107,
  ],
] as const
const erfFar = [
  [
    -0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347,
    -184.60509290671104, -81.2874355063066, -9.814329344169145,
  ],
  [
    1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783,
    108.63500554177944, 6.570249770319282, -0.0604244152148581,
  ],
] as const
const erfFarther = [
  [
    -0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896,
    -1025.0951316110772, -483.5191916086514,
  ],
  [
    1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644,
    474.52854120695537, -22.44095244658582,
  ],
] as const

/** The error function 2/√π ∫₀ˣ e^(−t²) dt; odd, ±1 at ±Infinity, NaN for NaN. */
export function erf(x: number): number {
  const size = x < 0 ? -x : x
  if (!(size >= 0.84375)) {
    const square = x * x
    return x + (x * polynomial(erfNear[0], square)) / polynomial(erfNear[1], square)
  }
  if (size >= 6) return x < 0 ? -1 : 1
  if (size < 1.25) {
    const y = 0.8450629115104675 + polynomial(erfMiddle[0], size - 1) / polynomial(erfMiddle[1], size - 1)
    return x < 0 ? -y : y
  }
  const [above, below] = size < 1 / 0.35 ? erfFar : erfFarther
  const s = 1 / (size * size)
  // e^(−x²) in two factors: the first exponent is exact, because a float32 squared fits a float64.
  const z = Math.fround(size)
  const tail = exp(-z * z - 0.5625) * exp((z - size) * (z + size) + polynomial(above, s) / polynomial(below, s))
  return x < 0 ? tail / size - 1 : 1 - tail / size
}
