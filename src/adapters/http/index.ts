import type { SourceAdapter } from '../../ports/adapter.ts'
import { type HttpOptions, httpOptions } from './options.ts'
import { HttpSource } from './source.ts'

/** The HTTP row of the registry; what it creates is also the server's `Ingress`. */
export const httpSource: Omit<SourceAdapter<HttpOptions>, 'create'> & {
  create(name: string, options: HttpOptions): HttpSource
} = {
  type: 'http',
  options: httpOptions,
  create: (name, options) => new HttpSource(name, options),
}
