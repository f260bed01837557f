import { describe, expect, it } from 'vitest'
import { fillTemplate } from '../../servers/template.ts'

describe('fillTemplate()', () => {
  it('fills places, takes defaults and leaves comments alone', () => {
    const text = '# ${NAME:-value} is a place\nport ${PORT:-1883}\nuser ${USER}\nlist ${LIST:-["a:1"]}'
    expect(fillTemplate(text, { USER: 'ann' })).toBe('# ${NAME:-value} is a place\nport 1883\nuser ann\nlist ["a:1"]')
    expect(fillTemplate(text, { USER: 'ann', PORT: '7', LIST: '[]' })).toContain('port 7\nuser ann\nlist []')
  })
  it('refuses a place that nobody fills', () => {
    expect(() => fillTemplate('user ${USER}', {})).toThrow('needs a value for USER')
  })
  it('refuses a value that has no place, so that no test configures what is not deployed', () => {
    expect(() => fillTemplate('port 1', { PORT: '2' })).toThrow('no place for PORT')
  })
})
