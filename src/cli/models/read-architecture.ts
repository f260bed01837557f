import { parseArchitecture } from '../../model/architecture.ts'
import { fromFile, readJsonFile } from '../read-file.ts'

const fix = "--architecture takes a JSON file in PyTorch's words"

/** The architecture that `--architecture` names; undefined without it. Errors: `OperatingError('read')` naming the file. */
export function readArchitectureFile(path: string | undefined): unknown {
  if (path === undefined) return undefined
  const json = readJsonFile(path, 'read', fix)
  fromFile(path, 'read', fix, () => parseArchitecture(json))
  return json
}
