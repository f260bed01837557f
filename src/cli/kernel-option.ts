import { Option } from 'commander'
import { kernelNames } from '../model/create-kernel.ts'

/** `--kernel`, the same for every command that runs a model. */
export function kernelOption(): Option {
  const text =
    'what steps the network: reference is slow and defines what is right, wasm-relaxed may differ in the last bits from machine to machine'
  return new Option('--kernel <kernel>', text).choices(kernelNames).default('wasm')
}
