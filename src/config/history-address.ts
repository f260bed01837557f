/** Options of a history adapter as a person writes them in one line, or why they are none. */
export type HistoryAddress =
  | { readonly options: Readonly<Record<string, unknown>> & { readonly type: string } }
  | { readonly value: string; readonly expected: string; readonly hint?: string }

const kafkaForm = 'kafka://HOST:9092/TOPIC, several hosts or topics separated by commas'
const influxdbForm = 'influxdb://HOST:8086/DATABASE?query=SELECT …, with %26, %23 and %2B for &, # and + in the query'

/** As whom an address is read: the password is a reference to a secret. */
export interface HistoryLogin {
  readonly username?: string | undefined
  readonly password?: string | undefined
}

function isGiven({ username, password }: HistoryLogin): boolean {
  return username !== undefined || password !== undefined
}

/** What may follow the `?`, and only that. */
function parameters(search: string, known: readonly string[]): Map<string, string> | string {
  const found = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(search)) {
    if (!known.includes(name)) return `'${name}' is no parameter of it; there are ${known.join(', ')}`
    found.set(name, value)
  }
  return found
}

function parts(address: string): { hosts: string[]; path: string; search: string } | undefined {
  const [, hosts, path = '', search = ''] = /^[a-z]+:\/\/([^/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(address) ?? []
  return hosts === undefined ? undefined : { hosts: hosts.split(','), path: decodeURIComponent(path), search }
}

function kafka(address: string, login: HistoryLogin): HistoryAddress {
  const found = parts(address)
  const given = parameters(found?.search ?? '', ['tls', 'sasl'])
  if (typeof given === 'string') return { value: address, expected: given, hint: kafkaForm }
  if (found === undefined || found.path === '') return { value: address, expected: `expected ${kafkaForm}` }
  const mechanism = given.get('sasl')
  if (mechanism !== undefined && !isGiven(login)) {
    const hint =
      'name user and password: --username and --password, in a configuration sasl: { … } of a history by type'
    return { value: address, expected: 'expected a user for sasl', hint }
  }
  const brokers = found.hosts.map((host) => (/:\d+$/.test(host) ? host : `${host}:9092`))
  return {
    options: {
      type: 'kafka',
      brokers,
      topics: found.path.split(','),
      ...(given.has('tls') ? { tls: given.get('tls') === 'true' } : {}),
      ...(isGiven(login) ? { sasl: { ...(mechanism === undefined ? {} : { mechanism }), ...login } } : {}),
    },
  }
}

function influxdb(address: string, login: HistoryLogin): HistoryAddress {
  const found = parts(address)
  const given = parameters(found?.search ?? '', ['query', 'tls'])
  if (typeof given === 'string') return { value: address, expected: given, hint: influxdbForm }
  const query = given.get('query')
  if (found === undefined || found.path === '' || query === undefined || query === '') {
    return { value: address, expected: `expected ${influxdbForm}` }
  }
  const host = /:\d+$/.test(found.hosts[0]!) ? found.hosts[0]! : `${found.hosts[0]}:8086`
  const url = `${given.get('tls') === 'true' ? 'https' : 'http'}://${host}`
  return { options: { type: 'influxdb', url, database: found.path, query, ...(isGiven(login) ? login : {}) } }
}

/**
 * Reads inputs as a command line or `bootstrap.from` names them: files, or one address of Kafka or InfluxDB.
 *
 * Answers the options of the history adapter that `type` names, or what is wrong. Credentials never stand in an address.
 */
export function historyAddress(inputs: readonly string[], login: HistoryLogin = {}): HistoryAddress {
  for (const input of inputs) {
    const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(input)?.[1]?.toLowerCase()
    if (scheme === undefined) continue
    if (/^[a-z]+:\/\/[^/@]*@/i.test(input)) {
      const hint = "name the user apart, and the password as a reference: '${NAME}' or file:PATH"
      return { value: '(hidden)', expected: 'expected an address without user and password', hint }
    }
    if (inputs.length > 1) {
      return {
        value: input,
        expected: 'expected one address alone: its readings have no order with others',
        hint: 'read it by itself',
      }
    }
    if (scheme === 'kafka') return kafka(input, login)
    if (scheme === 'influxdb') return influxdb(input, login)
    return { value: input, expected: `${scheme}:// is not read; there are files, kafka:// and influxdb://` }
  }
  return { options: { type: 'file', paths: inputs } }
}
