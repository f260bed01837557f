import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'

// Below the range from which systems take ports for outgoing connections, so that no client of another test steals one
// between the check and the server's own bind.
const lowest = 20_000
const highest = 32_000

/** Ports of 127.0.0.1 that nobody listens on now. The server may still lose one to a stranger: the starter tries again. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (!ports.includes(port) && (await isFree(port))) ports.push(port)
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/** Whether this very process listens on the port; a stranger may answer in its place. Always true where /proc is missing. */
export function listensOn(pid: number, port: number): boolean {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = new Set<string>()
  for (const table of ['tcp', 'tcp6']) {
    const text = readOrEmpty(`/proc/${pid}/net/${table}`)
    if (text === '') continue
    for (const line of text.split('\n').slice(1)) {
      const field = line.trim().split(/\s+/)
      if (field[1]?.endsWith(`:${wanted}`) && field[3] === '0A') inodes.add(`socket:[${field[9]}]`)
    }
  }
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).some((fd) => inodes.has(linkOrEmpty(`${folder}/${fd}`)))
  } catch {
    return true
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
