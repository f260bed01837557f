import { randomBytes } from 'node:crypto'
import { Kafka as Client, logLevel } from 'kafkajs'
import { type Certificates, certificates } from './certificates.ts'
import { uncontrolled, withControl } from './external.ts'
import type { Place, Recipe } from './recipe.ts'
import type { Kafka, KafkaOptions, Login } from './server.ts'
import { startServer } from './start.ts'
import { deployFile } from './template.ts'

const login: Login = { username: 'residua', password: 'a-long-secret' }

/** Starts a Kafka broker of the test's own; the environment's one is taken only when nothing special is asked for. */
export async function startKafka(options: KafkaOptions = {}): Promise<Kafka> {
  const given = process.env['RESIDUA_TEST_KAFKA_BROKERS']
  if (given !== undefined && !options.sasl) return withControl(uncontrolled(given), { brokers: given.split(',') })
  const tls = options.sasl ? await certificates() : undefined
  const { server, place } = await startServer(kafkaRecipe(tls), given)
  const [port, , saslPort] = place.ports
  return withControl(server, {
    brokers: [`127.0.0.1:${port}`],
    ...(tls === undefined ? {} : { saslBrokers: [`127.0.0.1:${saslPort}`], login, caFile: tls.caFile }),
  })
}

function kafkaRecipe(tls: Certificates | undefined): Recipe {
  // The tool would take a leading hyphen for an option.
  const clusterId = `R${randomBytes(16).toString('base64url').slice(1)}`
  const classPath = (place: Place): string[] => ['-cp', `${place.kafkaLibs}/*`]
  return {
    name: 'kafka',
    portCount: tls === undefined ? 2 : 3,
    files: (place) => ({
      'server.properties': properties(place, tls !== undefined),
      ...(tls === undefined ? {} : { 'server-with-key.pem': tls.key + tls.certificate + tls.ca }),
    }),
    prepare: (place) => [
      'java',
      '-Xmx128m',
      '-XX:TieredStopAtLevel=1',
      ...classPath(place),
      ...['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', `${place.config}/server.properties`],
      ...(tls === undefined ? [] : scramUsers()),
    ],
    command: (place) => [
      'java',
      ...['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      ...classPath(place),
      'kafka.Kafka',
      `${place.config}/server.properties`,
    ],
    ready: (place) => answersAsCluster(place.ports[0], clusterId),
  }
}

function properties(place: Place, sasl: boolean): string {
  const main = deployFile('kafka/server.properties', {
    ADDRESS: '127.0.0.1',
    PORT: String(place.ports[0]),
    CONTROLLER_PORT: String(place.ports[1]),
    DATA: place.data,
  })
  if (!sasl) return main
  const secured = deployFile('kafka/sasl.properties', {
    ADDRESS: '127.0.0.1',
    PORT: String(place.ports[0]),
    CONTROLLER_PORT: String(place.ports[1]),
    SASL_PORT: String(place.ports[2]),
    CONFIG: place.config,
    SASL_USER: login.username,
    SASL_PASSWORD: login.password,
  })
  return `${main}\n${secured}`
}

function scramUsers(): string[] {
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${login.username},password=${login.password}]`,
  ])
}

/** The open port is too early: the broker must name its cluster, which also tells it from a stranger's broker, and coordinate a group. */
async function answersAsCluster(port: number, clusterId: string): Promise<void> {
  const client = new Client({
    clientId: 'ready-check',
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    retry: { retries: 0 },
  })
  const admin = client.admin()
  try {
    await admin.connect()
    const found = (await admin.describeCluster()).clusterId
    if (found !== clusterId) throw new Error(`the port answers as cluster ${found}: address already in use`)
    await admin.fetchOffsets({ groupId: 'ready-check' })
  } finally {
    await admin.disconnect()
  }
}
