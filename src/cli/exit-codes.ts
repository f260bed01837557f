/** Exit codes of every command. */
export const exitCodes = { done: 0, operating: 1, usage: 2, interrupted: 130 } as const
