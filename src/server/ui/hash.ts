import { type SensorState, sensorStates } from '../../runtime/api.ts'

/** What the address says to show: a link reproduces a view. */
export type HashRoute =
  | { readonly view: 'overview'; readonly search: string; readonly state: SensorState | null }
  | { readonly view: 'sensor'; readonly id: string }
  | { readonly view: 'alarms'; readonly all: boolean; readonly search: string }
  | { readonly view: 'models' }

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The route of a hash such as `#/sensor/plant%2Fpump`; anything unknown is the overview. */
export function parseHash(hash: string): HashRoute {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?')
  const parameters = new URLSearchParams(query)
  const search = parameters.get('search') ?? ''
  if (path.startsWith('/sensor/') && path.length > '/sensor/'.length) {
    return { view: 'sensor', id: decoded(path.slice('/sensor/'.length)) }
  }
  if (path === '/models') return { view: 'models' }
  if (path === '/alarms') return { view: 'alarms', all: parameters.get('show') === 'all', search }
  const state = sensorStates.find((one) => one === parameters.get('state')) ?? null
  return { view: 'overview', search, state }
}

/** The hash of a route. */
export function hashOf(route: HashRoute): string {
  if (route.view === 'models') return '#/models'
  if (route.view === 'sensor') return `#/sensor/${encodeURIComponent(route.id)}`
  const parameters = new URLSearchParams()
  if (route.search !== '') parameters.set('search', route.search)
  if (route.view === 'alarms' && route.all) parameters.set('show', 'all')
  if (route.view === 'overview' && route.state !== null) parameters.set('state', route.state)
  const query = parameters.size > 0 ? `?${parameters}` : ''
  return route.view === 'alarms' ? `#/alarms${query}` : `#/${query}`
}
