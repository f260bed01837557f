import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programPath, run } from './install.mjs'
import { runFolder } from './run-folder.ts'

/** PEM texts of a fresh certificate authority and of a server certificate for 127.0.0.1 and localhost. */
export interface Certificates {
  readonly ca: string
  readonly caFile: string
  readonly certificate: string
  /** PKCS #8. */
  readonly key: string
}

let made: Promise<Certificates> | undefined

/** Certificates made by openssl, once a test process. */
export function certificates(): Promise<Certificates> {
  made ??= make()
  return made
}

async function make(): Promise<Certificates> {
  const openssl = programPath('openssl')
  if (openssl === undefined) throw new Error('openssl is not installed: tests of TLS need it')
  const folder = mkdtempSync(join(runFolder(), 'certificates-'))
  const file = (name: string): string => join(folder, name)
  const request = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  await run(openssl, [
    ...request,
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=Residua test CA',
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
  ])
  await run(openssl, [...request, '-subj', '/CN=127.0.0.1', '-keyout', file('server.key'), '-out', file('server.csr')])
  writeFileSync(file('san.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  const sign = [
    'x509',
    '-req',
    '-days',
    '2',
    '-in',
    file('server.csr'),
    '-CA',
    file('ca.pem'),
    '-CAkey',
    file('ca.key'),
  ]
  await run(openssl, [...sign, '-CAcreateserial', '-extfile', file('san.cnf'), '-out', file('server.pem')])
  const text = (name: string): string => readFileSync(file(name), 'utf8')
  return { ca: text('ca.pem'), caFile: file('ca.pem'), certificate: text('server.pem'), key: text('server.key') }
}
