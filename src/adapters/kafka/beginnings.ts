import type { Kafka } from 'kafkajs'
import { positionName } from './partitions.ts'

/**
 * The ends of those partitions for which the group holds no offset, by position name.
 *
 * A group that is to begin at the end would begin at a later end after each stop before its first commit, and lose what
 * came between; so the place where it begins is looked up once, read from, and committed at once.
 */
export async function beginnings(
  kafka: Kafka,
  group: string,
  topics: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const admin = kafka.admin()
  try {
    await admin.connect()
    const places: Record<string, string> = {}
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId: group, topics: [...topics] })) {
      const unheld = new Set(partitions.filter(({ offset }) => offset === '-1').map(({ partition }) => partition))
      if (unheld.size === 0) continue
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        if (unheld.has(partition)) places[positionName(topic, partition)] = high
      }
    }
    return places
  } finally {
    await admin.disconnect().catch(() => undefined)
  }
}
