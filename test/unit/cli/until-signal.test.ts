import { afterEach, expect, test, vi } from 'vitest'
import { type SignalWatch, untilSignal } from '../../../src/cli/until-signal.ts'

const watches: SignalWatch[] = []

function watch(onHeard?: Parameters<typeof untilSignal>[0]): SignalWatch {
  const made = untilSignal(onHeard)
  watches.push(made)
  return made
}

afterEach(() => {
  for (const made of watches.splice(0)) made.forget()
  vi.restoreAllMocks()
})

test.each(['SIGINT', 'SIGTERM'] as const)('the first %s is told, and the process goes on', async (signal) => {
  const exit = vi.spyOn(process, 'exit')
  const told: string[] = []
  const { heard } = watch((by) => told.push(by))
  process.emit(signal, signal)
  expect(told).toEqual([signal])
  expect(await heard).toBe(signal)
  expect(exit).not.toHaveBeenCalled()
})

test('a second signal, also the other one, ends the process at once with 130', async () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
  const { heard } = watch()
  process.emit('SIGTERM', 'SIGTERM')
  expect(exit).not.toHaveBeenCalled()
  process.emit('SIGINT', 'SIGINT')
  expect(exit).toHaveBeenCalledWith(130)
  expect(await heard).toBe('SIGTERM')
})

test('a forgotten watch leaves no listener behind', () => {
  const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')
  const { forget } = watch()
  expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(before + 2)
  forget()
  expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(before)
})
