import { Option } from 'commander'

/** `--registry`, the same for every command that takes a model by name. */
export function registryOption(): Option {
  return new Option('--registry <dir>', 'where models are registered (default: ./residua-models)').env('RESIDUA_MODELS')
}
