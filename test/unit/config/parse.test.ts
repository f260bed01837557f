import { expect, test } from 'vitest'
import { ConfigurationError, type Problem } from '../../../src/base/errors.ts'
import { parseConfig } from '../../../src/config/parse.ts'
import { tables } from './tables.ts'

const nothingThere = { environment: () => undefined, readable: () => false }
const source = 'sources: [{ type: mqtt, url: "mqtt://broker", topics: ["a/#"] }]\n'

function problemsOf(text: string, lookup?: typeof nothingThere): readonly Problem[] {
  try {
    parseConfig(text, tables, lookup)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems
    throw error
  }
  return []
}

function lines(problems: readonly Problem[]): string[] {
  return problems.map(({ line, path, expected, hint }) => `${line} ${path}: ${expected}${hint ? ` (${hint})` : ''}`)
}

test('every mistake of a file is reported at once, with its line, what is expected and the nearest known word', () => {
  const text = `plant: north
serverr: { port: 80 }
sources:
  - type: mqtt
    url: mqtt://user:pw@broker
    topic: ["a/#"]
    password: hunter2
    keepAlive: 30
    codec: { type: jsom }
  - type: kafk
sinks:
  - { type: webhook, url: "http://\${HOST}/x", secret: "\${HOOK_SECRET}", policy: spil }
sensors:
  - match: plant/+/x
    range: { low: 10, high: 1 }
    alarm: { direction: up, delay_off: 3s }
    labels: { line: 7 }
    model: other
assets: [{ name: a, channels: ["x/#"], perod: 3s }]
server: { host: 0.0.0.0, port: "8080" }
state: { type: kafka }
deadLetter: { type: file }
limits: { sensors: 1e9 }
`
  const problems = problemsOf(text, nothingThere)
  expect(lines(problems)).toEqual([
    "2 serverr: unknown key 'serverr' (did you mean 'server'?)",
    '5 sources[0].url: expected an address without a password (use the keys for user and password, the password as ${ENV_NAME} or file:PATH)',
    "6 sources[0].topic: unknown key 'topic' (did you mean 'topics'?)",
    '7 sources[0].password: expected a reference to a secret, ${ENV_NAME} or file:PATH, never the secret itself (write "${NAME}", and give NAME its value in the environment of the process)',
    '8 sources[0].keepAlive: expected a duration with a unit, such as 30s, 5m or 250ms (write 30s for seconds, or 30ms for milliseconds)',
    "9 sources[0].codec.type: expected json or csv (did you mean 'json'?)",
    '10 sources[1].type: expected one of mqtt',
    "12 sinks[0].policy: expected block, spill or drop (did you mean 'spill'?)",
    '12 sinks[0].url: a reference ${…} stands for secrets only, and nothing else is replaced (write the value itself here)',
    '12 sinks[0].secret: the environment variable HOOK_SECRET is not set (set it before the start: export HOOK_SECRET=…)',
    '14 sensors[0].match: expected a pattern with * (one level) and ** (any levels); + and # are wildcards of MQTT topics only',
    '15 sensors[0].range: expected low below high',
    '16 sensors[0].alarm.direction: expected high, low or both',
    "16 sensors[0].alarm.delay_off: unknown key 'delay_off' (did you mean 'delayOff'?)",
    '17 sensors[0].labels.line: expected a text, not a number (write it in quotes: "7")',
    '18 sensors[0].model: one model serves all sensors in this version: set defaults.model',
    '19 assets[0].channels[0]: expected a pattern with * (one level) and ** (any levels); + and # are wildcards of MQTT topics only',
    "19 assets[0].perod: unknown key 'perod' (did you mean 'period'?)",
    '20 server.port: expected a number, not a string (write it without quotes: 8080)',
    '20 server.host: expected a loopback address, or auth beside it: others can reach this page and its data (add auth: { tokens: [{ role: operator, token: "${RESIDUA_TOKEN}" }] }, or an explicit auth: none)',
    '21 state.type: expected lmdb or memory (state in a Kafka changelog is not part of 0.1.0; use lmdb)',
    '22 deadLetter.path: missing: expected a text',
    '23 limits.sensors: expected at most 1000000',
  ])
})

test('a secret written out is never repeated in the report', () => {
  const text = `sources: [{ type: mqtt, url: "mqtt://u:hunter2@b", topics: [a], password: hunter3 }]`
  expect(JSON.stringify(problemsOf(text))).not.toMatch(/hunter/)
})

test('a minimal file gets every default and cannot be changed afterwards', () => {
  const config = parseConfig(source, tables)
  expect(config).toMatchObject({
    plant: 'plant',
    sources: [
      { name: 'mqtt', type: 'mqtt', options: { keepAlive: 30_000, codec: { type: 'json', value: '$.value' } } },
    ],
    sinks: [],
    deadLetter: null,
    defaults: { model: 'base' },
    state: { type: 'lmdb', path: './residua-data' },
    server: { host: '127.0.0.1', port: 8080 },
    limits: { sensors: 50_000 },
    checkpoint: { interval: 1_000, readings: 20_000 },
    maxFuture: 300_000,
    minTime: Date.UTC(2000, 0, 1),
  })
  expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError)
  expect(() => Object.assign(config.sources[0]!.options as object, { url: '' })).toThrow(TypeError)
})

test('assets get every default, and names of their own are asked for', () => {
  const text = (name: string) => `${source}assets:
  - { name: pump, channels: ["hall/pump/*"] }
  - { name: ${name}, channels: ["**"], period: 1m, trackDrift: true, learnRows: 1000 }`
  expect(parseConfig(text('rest'), tables).assets).toMatchObject([
    { name: 'pump', learnRows: 500, trackDrift: false, priority: 'medium', alarm: { delayOn: 0, delayOff: 0 } },
    { name: 'rest', period: 60_000, learnRows: 1000, trackDrift: true },
  ])
  expect(lines(problemsOf(text('pump')))).toEqual([
    "4 assets[1].name: expected a name of its own; assets[0] is called 'pump' too",
  ])
})

test('sources and sinks of the same type get names of their own, and given names must differ', () => {
  const hooks = (extra: string) => `${source}sinks:
  - { type: webhook, url: "http://a" }
  - { type: webhook, url: "http://b" ${extra} }`
  expect(parseConfig(hooks(''), tables).sinks.map((sink) => sink.name)).toEqual(['webhook', 'webhook-2'])
  expect(lines(problemsOf(hooks(', name: webhook')))).toEqual([
    "4 sinks[1].name: expected a name of its own; sinks[0] is called 'webhook' too",
  ])
})

test('syntax errors come with their lines, and what follows them is not blamed', () => {
  const problems = problemsOf(`limits: { sensors: 0 }\nserver: { port: 1\nsources: 3\n`)
  expect(problems[0]).toMatchObject({ line: 3, path: 'the file' })
  expect(problems.every((problem) => problem.expected.startsWith('not readable as YAML'))).toBe(true)
})

test('a reference in braces without its quotes is explained', () => {
  const problems = problemsOf(`${source}sinks:\n  - { type: webhook, url: "http://a", secret: ${'${HOOK}'} }\n`)
  expect(lines(problems)[0]).toMatch(/^3 the file: not readable as YAML: .* \(inside { } a reference needs quotes/)
})

test('a key that stands twice is refused beside the other problems', () => {
  const found = lines(problemsOf(`${source}plant: a\nplant: b\nlimits: { sensors: 0 }\n`))
  expect(found[0]).toMatch(/^3 the file: not readable as YAML: Map keys must be unique/)
  expect(found[1]).toBe('4 limits.sensors: expected at least 1')
})

test('an empty file, and one that is no group of keys, say what is missing', () => {
  expect(lines(problemsOf(''))).toEqual(['1 sources: missing: expected a list'])
  expect(lines(problemsOf('- a'))[0]).toMatch(/expected a group of keys, not a list/)
})

test('a host that others can reach needs tokens or an explicit none; loopback needs nothing', () => {
  const accepted = ['{ host: ::1 }', '{ host: 127.0.0.2 }', '{ host: 0.0.0.0, auth: none }']
  accepted.push('{ host: 10.0.0.1, auth: { tokens: [{ role: viewer, token: "${T}" }] } }')
  for (const server of accepted) expect(problemsOf(`${source}server: ${server}`)).toEqual([])
  expect(lines(problemsOf(`${source}server: { host: 10.0.0.1 }`))[0]).toMatch(/^2 server.host: .*auth/)
  expect(lines(problemsOf(`${source}server: { auth: { tokens: [{ role: boss, token: x }] } }`))).toEqual([
    '2 server.auth.tokens[0].role: expected viewer, operator, engineer or admin',
    '2 server.auth.tokens[0].token: expected a reference to a secret, ${ENV_NAME} or file:PATH, never the secret itself (write "${NAME}", and give NAME its value in the environment of the process)',
  ])
})

test('secrets are looked up only when asked for, in the environment and in files', () => {
  const text = `${source}sinks: [{ type: webhook, url: "http://a", secret: "file:/run/hook" }]`
  expect(problemsOf(text)).toEqual([])
  expect(lines(problemsOf(text, nothingThere))).toEqual(['2 sinks[0].secret: the file of this secret cannot be read'])
  expect(() => parseConfig(text, tables, { environment: () => undefined, readable: () => true })).not.toThrow()
})

test('names are fit for file names, and a silence of zero is refused', () => {
  const named = `sources: [{ type: mqtt, url: "mqtt://b", topics: [a], name: ".." }]\nsensors: [{ match: a, silentAfter: 0s }]`
  expect(lines(problemsOf(named)).map((line) => line.split(':')[0])).toEqual([
    '1 sources[0].name',
    '2 sensors[0].silentAfter',
  ])
})
