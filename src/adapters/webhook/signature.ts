import { createHash, createHmac } from 'node:crypto'

/** The value of `X-Residua-Signature`: HMAC-SHA256 of exactly the bytes that are sent. */
export function signature(key: string, body: Uint8Array): string {
  return `sha256=${createHmac('sha256', key).update(body).digest('hex')}`
}

/** The value of `X-Residua-Delivery`: the same for a retry of the same transitions, so a receiver can drop a repeat. */
export function deliveryId(transitionIds: readonly string[]): string {
  return createHash('sha256').update(transitionIds.join('\n')).digest('hex').slice(0, 32)
}
