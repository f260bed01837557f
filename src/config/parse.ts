import type { z } from 'zod'
import { ConfigurationError, type Problem } from '../base/errors.ts'
import { explainIssue, type Finding, type Path, valueAt, wordHint } from './explain.ts'
import { historyAddress } from './history-address.ts'
import { findTextMistakes, type MachineLookup } from './references.ts'
import { fileSchema, notBuiltValues, type ParsedFile } from './schema.ts'
import { type AnySchema, childSchema, marksOf } from './schema-walk.ts'
import { readYaml, type YamlDocument } from './yaml-document.ts'

/** One kind of source, sink or dead-letter sink as far as configuration needs it. */
interface AdapterOptions {
  readonly type: string
  readonly options: z.ZodType<unknown>
}

/** The adapters' tables, by type; the composition root passes the registry in. */
export interface AdapterTables {
  readonly sources: Readonly<Record<string, AdapterOptions>>
  readonly sinks: Readonly<Record<string, AdapterOptions>>
  readonly deadLetters: Readonly<Record<string, AdapterOptions>>
  readonly histories: Readonly<Record<string, AdapterOptions>>
}

/** A source or sink as configured: its unique name, its type and the options that the adapter's schema parsed. */
export interface AdapterEntry {
  readonly name: string
  readonly type: string
  readonly options: unknown
}

/**
 * The whole configuration, checked, with every default, frozen.
 *
 * Units: durations in ms, sizes in bytes, times in ms since 1970. Secrets are still references.
 */
export interface Config extends Readonly<Omit<ParsedFile, 'sources' | 'sinks' | 'deadLetter' | 'bootstrap'>> {
  readonly sources: readonly AdapterEntry[]
  readonly sinks: readonly AdapterEntry[]
  readonly deadLetter: AdapterEntry | null
  readonly bootstrap: BootstrapConfig | null
}

/** History to learn from; times as the file has them. */
export interface BootstrapConfig extends Omit<NonNullable<ParsedFile['bootstrap']>, 'from'> {
  readonly from: AdapterEntry
}

type Found = { readonly entry?: AdapterEntry; readonly findings: readonly Finding[]; readonly schema?: AnySchema }

function parseEntry(raw: unknown, table: Readonly<Record<string, AdapterOptions>>, path: Path, name: string): Found {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return { findings: [{ path, value: raw, expected: 'expected a group of keys with a type' }] }
  }
  const { name: ownName, ...options } = raw as Record<string, unknown>
  const { type } = options
  const types = Object.keys(table)
  const adapter = typeof type === 'string' && Object.hasOwn(table, type) ? table[type] : undefined
  if (adapter === undefined) {
    const expected = `${type === undefined ? 'missing: ' : ''}expected one of ${types.join(', ')}`
    const value = type === undefined ? {} : { value: type }
    return { findings: [{ path: [...path, 'type'], ...value, expected, ...wordHint(type, types) }] }
  }
  const findings: Finding[] = []
  if (ownName !== undefined && !(typeof ownName === 'string' && /^\w[\w.-]{0,63}$/.test(ownName))) {
    const expected =
      'expected a name of 1 to 64 letters, digits, dots, hyphens and underscores, not beginning with . or -'
    findings.push({ path: [...path, 'name'], value: ownName, expected })
  }
  const parsed = adapter.options.safeParse(options)
  for (const issue of parsed.error?.issues ?? []) {
    for (const finding of explainIssue(issue, adapter.options, options)) {
      findings.push({ ...finding, path: [...path, ...finding.path] })
    }
  }
  const entry = { name: typeof ownName === 'string' ? ownName : name, type: adapter.type, options: parsed.data }
  return { findings, schema: adapter.options, ...(parsed.success ? { entry } : {}) }
}

/** Names that the file does not give: the type, and from the second of a type on the type and a number. */
function defaultNames(entries: readonly unknown[]): readonly string[] {
  const seen = new Map<string, number>()
  return entries.map((entry) => {
    const type = String((entry as { type?: unknown } | null)?.type)
    const count = (seen.get(type) ?? 0) + 1
    seen.set(type, count)
    return count === 1 ? type : `${type}-${count}`
  })
}

function duplicateNames(section: string, entries: readonly (AdapterEntry | undefined)[]): Finding[] {
  const first = new Map<string, number>()
  const findings: Finding[] = []
  for (const [index, entry] of entries.entries()) {
    if (entry === undefined) continue
    const earlier = first.get(entry.name)
    if (earlier === undefined) first.set(entry.name, index)
    else {
      const expected = `expected a name of its own; ${section}[${earlier}] is called '${entry.name}' too`
      findings.push({ path: [section, index, 'name'], value: entry.name, expected })
    }
  }
  return findings
}

/** Files of holidays that cannot be used, of the plant and of rules. */
function holidayFindings(raw: unknown, lookup: MachineLookup | undefined): Finding[] {
  const rules = valueAt(raw, ['sensors'])
  const owners: Path[] = [[], ...(Array.isArray(rules) ? rules.map((_, at) => ['sensors', at]) : [])]
  return owners.flatMap((owner) => {
    const listed = valueAt(raw, [...owner, 'holidays'])
    return (Array.isArray(listed) ? listed : []).flatMap((value, at) => {
      const isFile = typeof value === 'string' && /\.ics$/i.test(value)
      const expected = isFile ? lookup?.holidaysMistake?.(value) : undefined
      return expected === undefined ? [] : [{ path: [...owner, 'holidays', at], value, expected }]
    })
  })
}

const loopback = /^(localhost|::1|127(\.\d{1,3}){3})$/

/** Rules between keys; here and not in the schema, so that another mistake in the same group does not hide them. */
function crossFindings(raw: unknown, lookup: MachineLookup | undefined): Finding[] {
  const findings: Finding[] = []
  const model = valueAt(raw, ['defaults', 'model'])
  const path = valueAt(raw, ['models', 'path'])
  const registry = typeof path === 'string' ? path : undefined
  const modelMistake = typeof model === 'string' ? lookup?.modelMistake?.(model, registry) : undefined
  if (modelMistake !== undefined) findings.push({ path: ['defaults', 'model'], value: model, expected: modelMistake })
  findings.push(...holidayFindings(raw, lookup))
  const host = valueAt(raw, ['server', 'host'])
  if (typeof host === 'string' && !loopback.test(host) && valueAt(raw, ['server', 'auth']) === undefined) {
    findings.push({
      path: ['server', 'host'],
      value: host,
      expected: 'expected a loopback address, or auth beside it: others can reach this page and its data',
      hint: 'add auth: { tokens: [{ role: operator, token: "${RESIDUA_TOKEN}" }] }, or an explicit auth: none',
    })
  }
  const sources = valueAt(raw, ['sources'])
  const pushed = Array.isArray(sources)
    ? sources.flatMap((source, index) => (source?.type === 'http' ? [index] : []))
    : []
  for (const index of pushed.slice(1)) {
    const expected = `expected one http source; sources[${pushed[0]}] already is what /api/v1/write feeds`
    findings.push({ path: ['sources', index, 'type'], value: 'http', expected })
  }
  return findings
}

function notBuiltHint(finding: Finding): Finding {
  const hint = notBuiltValues[`${finding.path.join('.')}=${String(finding.value)}`]
  return hint === undefined ? finding : { ...finding, hint }
}

/** A mistyped key and the key that is therefore missing are one mistake: the absence is left out. */
function withoutConsequences(findings: readonly Finding[]): readonly Finding[] {
  const place = (path: Path) => path.join('\0')
  const meant = new Set(
    findings.flatMap(({ path, meant: key }) => (key === undefined ? [] : [place([...path.slice(0, -1), key])])),
  )
  return findings.filter((finding) => finding.value !== undefined || finding.atKey || !meant.has(place(finding.path)))
}

function freeze<T>(value: T): T {
  const plain = Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype
  if (!plain) return value
  for (const child of Object.values(value as object)) freeze(child)
  return Object.freeze(value)
}

function pathText(path: Path): string {
  let text = ''
  for (const key of path) text += typeof key === 'number' ? `[${key}]` : text === '' ? key : `.${key}`
  return text === '' ? 'the file' : text
}

function toProblem(finding: Finding & { readonly line?: number }, yaml: YamlDocument, hidden: boolean): Problem {
  const { path, value, expected, hint } = finding
  return {
    path: pathText(path),
    ...(value === undefined ? {} : { value: hidden ? '(hidden)' : value }),
    expected,
    ...(hint === undefined ? {} : { hint }),
    line: finding.line ?? yaml.lineOf(path, finding.atKey),
  }
}

/** Files or an address in one line; the options that they stand for are checked as if they were written out. */
function parseHistory(raw: unknown, table: Readonly<Record<string, AdapterOptions>>): Found {
  const path: Path = ['bootstrap', 'from']
  const inputs = typeof raw === 'string' ? [raw] : raw
  if (!Array.isArray(inputs)) {
    if (raw === undefined) return { findings: [{ path, expected: `missing: expected ${historyForms}` }] }
    return parseEntry(raw, table, path, 'bootstrap')
  }
  if (inputs.length === 0 || !inputs.every((input) => typeof input === 'string' && input !== '')) {
    return { findings: [{ path, value: raw, expected: `expected ${historyForms}` }] }
  }
  const address = historyAddress(inputs)
  if (!('options' in address)) return { findings: [{ path, ...address }] }
  const found = parseEntry(address.options, table, path, 'bootstrap')
  // What was written is one line, so that is where its mistakes are.
  return { ...found, findings: found.findings.map((finding) => ({ ...finding, path })) }
}

const historyForms = 'files, kafka://HOST/TOPIC, influxdb://HOST/DATABASE?query=…, or a group of keys with a type'

interface Sections {
  readonly sources: readonly Found[]
  readonly sinks: readonly Found[]
  readonly deadLetter: Found | null
  readonly history: Found | null
}

function parseSections(raw: unknown, tables: AdapterTables): Sections {
  const list = (section: 'sources' | 'sinks'): Found[] => {
    const entries = valueAt(raw, [section])
    if (!Array.isArray(entries)) return []
    const names = defaultNames(entries)
    return entries.map((entry, index) => parseEntry(entry, tables[section], [section, index], names[index]!))
  }
  const letter = valueAt(raw, ['deadLetter'])
  const bootstrap = valueAt(raw, ['bootstrap'])
  return {
    sources: list('sources'),
    sinks: list('sinks'),
    deadLetter: letter === undefined ? null : parseEntry(letter, tables.deadLetters, ['deadLetter'], 'dead-letter'),
    history:
      typeof bootstrap !== 'object' || bootstrap === null
        ? null
        : parseHistory(valueAt(bootstrap, ['from']), tables.histories),
  }
}

/** The schema of any place of the file, the adapters' options included. */
function schemaOf(path: Path, raw: unknown, sections: Sections): AnySchema | undefined {
  const [section, index] = path
  const found =
    section === 'deadLetter'
      ? { schema: sections.deadLetter?.schema, depth: 1 }
      : section === 'sources' || section === 'sinks'
        ? { schema: sections[section][Number(index)]?.schema, depth: 2 }
        : section === 'bootstrap' && index === 'from' && sections.history?.schema !== undefined && path.length > 2
          ? { schema: sections.history.schema, depth: 2 }
          : { schema: fileSchema as AnySchema, depth: 0 }
  let schema = found.schema
  for (let depth = found.depth; depth < path.length && schema !== undefined; depth++) {
    schema = childSchema(schema, path[depth]!, valueAt(raw, path.slice(0, depth)))
  }
  return schema
}

function collect(raw: unknown, sections: Sections, lookup: MachineLookup | undefined) {
  const parsed = fileSchema.safeParse(raw)
  const findings = (parsed.error?.issues ?? []).flatMap((issue) => explainIssue(issue, fileSchema, raw))
  for (const found of [...sections.sources, ...sections.sinks]) findings.push(...found.findings)
  findings.push(...(sections.deadLetter?.findings ?? []), ...(sections.history?.findings ?? []))
  findings.push(...crossFindings(raw, lookup))
  for (const section of ['sources', 'sinks'] as const) {
    findings.push(
      ...duplicateNames(
        section,
        sections[section].map((found) => found.entry),
      ),
    )
  }
  const seen = new Set(findings.map((finding) => finding.path.join('\0')))
  for (const finding of findTextMistakes(raw, (path) => schemaOf(path, raw, sections), lookup)) {
    if (!seen.has(finding.path.join('\0'))) findings.push(finding)
  }
  return { data: parsed.data, findings: withoutConsequences(findings).map(notBuiltHint) }
}

function problemsOf(yaml: YamlDocument, findings: readonly Finding[], sections: Sections): Problem[] {
  const isSecret = ({ path, value }: Finding) =>
    marksOf(schemaOf(path, yaml.value, sections)).secret === true && !/^(\$\{\w+\}|file:.*)$/.test(String(value))
  const problems = findings.map((finding) => toProblem(finding, yaml, isSecret(finding)))
  // What follows a syntax error may have been read wrongly, so that its mistakes would be false ones.
  const whole = yaml.brokenFrom === Infinity
  const believed = problems.filter(({ line }) => whole || (line! > 1 && line! < yaml.brokenFrom))
  const all = [...yaml.errors.map((error) => toProblem(error, yaml, false)), ...believed]
  return all.toSorted((a, b) => a.line! - b.line!)
}

/**
 * Reads a configuration file's text: everything checked, every default set, frozen.
 *
 * With `lookup`, secrets and models that the machine does not have are mistakes too; without it references are only
 * checked for their form.
 * Errors: `ConfigurationError` with all problems at once, each with path, line, value, what is expected and a hint.
 */
export function parseConfig(text: string, tables: AdapterTables, lookup?: MachineLookup): Config {
  const yaml = readYaml(text)
  const raw = yaml.value ?? {}
  const sections = parseSections(raw, tables)
  const { data, findings } = collect(raw, sections, lookup)
  if (yaml.errors.length > 0 || findings.length > 0 || data === undefined) {
    throw new ConfigurationError(problemsOf(yaml, findings, sections))
  }
  const { deadLetter: _deadLetter, bootstrap, ...rest } = data
  const entries = (found: readonly Found[]) => found.map(({ entry }) => entry!)
  return freeze({
    ...rest,
    sources: entries(sections.sources),
    sinks: entries(sections.sinks),
    deadLetter: sections.deadLetter?.entry ?? null,
    bootstrap: bootstrap === undefined ? null : { ...bootstrap, from: sections.history!.entry! },
  })
}
