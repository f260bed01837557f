import { OperatingError } from '../../base/errors.ts'
import { silentLog } from '../../ports/log.ts'
import { type ConnectionOptions, createKafka } from './client.ts'
import { failureOf } from './failure.ts'

/**
 * Connects once, with TLS and login, asks for the topics and leaves again.
 *
 * Errors: `auth` when the cluster refuses the login, `connect` when it cannot be reached or a topic does not exist.
 */
export async function checkCluster(options: ConnectionOptions, topics: readonly string[]): Promise<string> {
  const where = options.brokers.join(', ')
  const retry = { initialRetryTime: 100, maxRetryTime: 500, retries: 1 }
  const admin = createKafka(options, silentLog, retry, 5_000).admin()
  try {
    await admin.connect()
    const found = new Set(await admin.listTopics())
    const missing = topics.filter((topic) => !found.has(topic))
    if (missing.length === 0) return `${where} lets us in and has ${topics.join(', ')}`
    throw new OperatingError('connect', `${where} has no topic ${missing.join(', ')}: create it`)
  } catch (error) {
    if (error instanceof OperatingError) throw error
    const { code, text } = failureOf(error)
    throw new OperatingError(code === 'auth' ? 'auth' : 'connect', `${where}: ${text}`, { cause: error })
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}
