import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { type Certificates, certificates } from './certificates.ts'
import { uncontrolled, withControl } from './external.ts'
import type { Place, Recipe } from './recipe.ts'
import type { Mosquitto, MosquittoOptions } from './server.ts'
import { startServer } from './start.ts'
import { deployFile } from './template.ts'

/** Starts a Mosquitto of the test's own; the environment's broker is taken only when nothing special is asked for. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const given = process.env['RESIDUA_TEST_MQTT_URL']
  if (given !== undefined && Object.keys(options).length === 0) return withControl(uncontrolled(given), { url: given })
  const tls = options.tls ? await certificates() : undefined
  const { server, place } = await startServer(mosquittoRecipe(options, tls), given)
  const [port, tlsPort] = place.ports
  return withControl(server, {
    url: `mqtt://127.0.0.1:${port}`,
    ...(tls === undefined ? {} : { tlsUrl: `mqtts://127.0.0.1:${tlsPort}`, caFile: tls.caFile }),
  })
}

function mosquittoRecipe(options: MosquittoOptions, tls: Certificates | undefined): Recipe {
  return {
    name: 'mosquitto',
    portCount: tls === undefined ? 1 : 2,
    files: (place) => ({
      'mosquitto.conf': mainFile(options, place),
      passwords: Object.entries(options.users ?? {})
        .map(passwordLine)
        .join(''),
      ...(tls === undefined ? { 'conf.d/none.conf': '# No further listener.\n' } : tlsFiles(tls, place)),
    }),
    command: (place) => ['mosquitto', '-c', `${place.config}/mosquitto.conf`],
    ready: (place) => answersConnect(place.ports[0]),
  }
}

function mainFile(options: MosquittoOptions, place: Place): string {
  return deployFile('mosquitto/mosquitto.conf', {
    // Started as root it would change to a user that cannot read the test's files.
    USER: process.getuid?.() === 0 ? 'root' : (process.env['USER'] ?? 'mosquitto'),
    PORT: String(place.ports[0]),
    ANONYMOUS: String(options.users === undefined),
    PASSWORD_FILE: `${place.config}/passwords`,
    PERSISTENCE: String(options.persistence ?? false),
    DATA: place.data,
    INCLUDE: `${place.config}/conf.d`,
  })
}

function tlsFiles(tls: Certificates, place: Place): Record<string, string> {
  const conf = deployFile('mosquitto/tls.conf', { TLS_PORT: String(place.ports[1]), CONFIG: place.config })
  return { 'conf.d/tls.conf': conf, 'ca.pem': tls.ca, 'server.pem': tls.certificate, 'server.key': tls.key }
}

/** A line of Mosquitto's password file: PBKDF2 with SHA-512, as `mosquitto_passwd` writes it. */
function passwordLine([name, password]: [string, string]): string {
  const salt = randomBytes(12)
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512')
  return `${name}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`
}

/** Sends an MQTT 3.1.1 CONNECT and takes any CONNACK, also a refusal, as a sign of life. */
function answersConnect(port: number): Promise<void> {
  const packet = Buffer.from([0x10, 0x0e, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 2, 0x72, 0x72])
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer to CONNECT')))
    socket.once('error', reject)
    socket.once('connect', () => socket.write(packet))
    socket.once('close', () => reject(new Error('closed before an answer')))
    socket.once('data', (data) => {
      socket.destroy()
      if (data[0] === 0x20) resolve()
      else reject(new Error('not an MQTT broker'))
    })
  })
}
