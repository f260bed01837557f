import type { Server } from './server.ts'

/** A server that somebody else runs: given by the environment, or shared by the whole test run. */
export function uncontrolled(what: string): Server {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new Error(`${what} is not ours to stop: test \`controllable\` and skip, or start a server of your own`),
    )
  return {
    controllable: false,
    stop: () => Promise.resolve(),
    kill: refuse,
    restart: refuse,
    pause: refuse,
    resume: refuse,
  }
}

/** A controlled server's functions, with what else a test needs to know about it. */
export function withControl<T extends object>(server: Server, more: T): T & Server {
  return {
    ...more,
    controllable: server.controllable,
    stop: () => server.stop(),
    kill: () => server.kill(),
    restart: () => server.restart(),
    pause: () => server.pause(),
    resume: () => server.resume(),
  }
}
