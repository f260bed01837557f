import { uncontrolled, withControl } from './external.ts'
import type { Place, Recipe } from './recipe.ts'
import type { Influxdb, InfluxdbVersion } from './server.ts'
import { startServer } from './start.ts'
import { deployFile } from './template.ts'

const setup = { org: 'residua', bucket: 'plant', token: 'a-long-test-token' }

/** Starts an empty InfluxDB of the test's own, or takes the environment's one of that version. */
export async function startInfluxdb(options: { readonly version: InfluxdbVersion }): Promise<Influxdb> {
  const given = process.env[influxdbVariable(options.version)]
  if (given !== undefined) return givenInfluxdb(options.version, given)
  const { server, place } = await startServer(options.version === '2.7' ? recipe27() : recipe1(options.version))
  const url = `http://127.0.0.1:${place.ports[0]}`
  return withControl(server, options.version === '2.7' ? { url, setup } : { url })
}

/** Name of the environment variable that gives an InfluxDB's address. */
export function influxdbVariable(version: InfluxdbVersion): string {
  return `RESIDUA_TEST_INFLUXDB${version.replace('.', '')}_URL`
}

function givenInfluxdb(version: InfluxdbVersion, url: string): Influxdb {
  const server = uncontrolled(url)
  if (version !== '2.7') return withControl(server, { url })
  const value = (name: string): string => {
    const text = process.env[`RESIDUA_TEST_INFLUXDB27_${name}`]
    if (text === undefined) throw new Error(`RESIDUA_TEST_INFLUXDB27_URL needs RESIDUA_TEST_INFLUXDB27_${name} too`)
    return text
  }
  return withControl(server, { url, setup: { org: value('ORG'), bucket: value('BUCKET'), token: value('TOKEN') } })
}

function recipe1(version: '1.6' | '1.8'): Recipe {
  return {
    name: `influxdb-${version}`,
    portCount: 2,
    files: (place) => ({
      'influxdb.conf': deployFile('influxdb/influxdb.conf', {
        ADDRESS: '127.0.0.1',
        PORT: String(place.ports[0]),
        RPC_PORT: String(place.ports[1]),
        DATA: place.data,
      }),
    }),
    command: (place) => ['influxd', 'run', '-config', `${place.config}/influxdb.conf`],
    ready: async (place) => {
      const answer = await fetch(`http://127.0.0.1:${place.ports[0]}/query?q=SHOW+DATABASES`, soon())
      if (!(await answer.text()).includes('"results"')) throw new Error(`InfluxDB answers ${answer.status}`)
    },
  }
}

function recipe27(): Recipe {
  const paths = (place: Place): string[] => [
    ...['--bolt-path', `${place.data}/influxd.bolt`],
    ...['--sqlite-path', `${place.data}/influxd.sqlite`],
    ...['--engine-path', `${place.data}/engine`],
  ]
  return {
    name: 'influxdb-2.7',
    portCount: 1,
    files: () => ({}),
    command: (place) => [
      'influxd',
      ...paths(place),
      ...['--http-bind-address', `127.0.0.1:${place.ports[0]}`, '--reporting-disabled', '--log-level', 'warn'],
    ],
    ready: (place) => answersWithSetup(`http://127.0.0.1:${place.ports[0]}`),
  }
}

/** Makes the first user on a fresh server; on a restarted one it is there already. */
async function answersWithSetup(url: string): Promise<void> {
  const allowed = (await (await fetch(`${url}/api/v2/setup`, soon())).json()) as { allowed: boolean }
  if (!allowed.allowed) return
  const body = { username: 'residua', password: 'a-long-secret', retentionPeriodSeconds: 0, ...setup }
  const answer = await fetch(`${url}/api/v2/setup`, { ...soon(), method: 'POST', body: JSON.stringify(body) })
  if (answer.status !== 201) throw new Error(`setup answers ${answer.status}`)
}

function soon(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(3_000) }
}
