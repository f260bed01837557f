import { existsSync } from 'node:fs'
import { influxdbVariable } from './influxdb.ts'
import { influxdb18Program, influxdb27Program } from './install.mjs'
import type { InfluxdbVersion } from './server.ts'
import { serverWay } from './way.mjs'

/**
 * Why this machine has no InfluxDB of that version, or undefined when it has one: for `describe.skipIf`.
 *
 * Mosquitto, Kafka, InfluxDB 1.6, Prometheus and Alertmanager are never missing: `npm test` installs them or fails first.
 */
export async function whyMissing(version: InfluxdbVersion): Promise<string | undefined> {
  if (version === '1.6' || process.env[influxdbVariable(version)] !== undefined) return undefined
  const way = await serverWay()
  if (version === '1.8') {
    const isPublic = way === 'containers' && process.env['RESIDUA_TEST_IMAGES'] !== 'built'
    return isPublic || existsSync(influxdb18Program())
      ? undefined
      : 'InfluxDB 1.8 is built with Go, which was not found'
  }
  if (way === 'containers' && process.env['RESIDUA_TEST_IMAGES'] !== 'built') return undefined
  return way === 'local' && existsSync(influxdb27Program())
    ? undefined
    : `InfluxDB 2.7 needs its public image, or an address in ${influxdbVariable('2.7')}`
}
