import { type Architecture, parseArchitecture } from '../../model/architecture.ts'
import { statedInputs } from '../../model/lower.ts'
import type { Tensor } from '../../model/tensor.ts'

/** A value inside a model that is being imported: which module gives it, and its form. */
export interface ImportedValue {
  /** Id of the module; `input` is the model's own. */
  readonly id: string
  readonly width: number
  /** A sequence over time; else one vector. */
  readonly sequence: boolean
}

/** Tensors of one module by PyTorch's names without their prefix. */
export type NamedTensors = Readonly<Record<string, Tensor>>

/**
 * Gathers the modules of an imported model in the words of `parseArchitecture`, and their tensors in PyTorch's layout.
 */
export class Declaration {
  readonly modules: Record<string, unknown>[] = []
  readonly tensors = new Map<string, Tensor>()
  /** What only training does and cannot be expressed here: which layer, and what of it. */
  readonly leftOut: string[] = []
  readonly #ids = new Set(['input'])

  /**
   * Adds a module that reads one value, or several; `wanted` is its name if that is still free.
   *
   * Returns the id of the module: what others read it by.
   */
  add(
    type: string,
    wanted: string,
    from: ImportedValue | readonly ImportedValue[],
    options: Readonly<Record<string, unknown>> = {},
    tensors: NamedTensors = {},
  ): string {
    const id = this.#freeId(wanted === '' ? type.toLowerCase() : wanted)
    const names = Object.keys(tensors)
    const place = names.length > 0 ? { name: id } : { id }
    const reads = 'id' in from ? { input: from.id } : { inputs: from.map((value) => value.id) }
    this.modules.push({ type, ...place, ...reads, ...options })
    for (const name of names) this.tensors.set(`${id}.${name}`, tensors[name]!)
    return id
  }

  /** y = W x + b with weight (O,I). */
  addLinear(wanted: string, from: ImportedValue, weight: Tensor, bias: Tensor | null): ImportedValue {
    const width = weight.shape[0]!
    const options = { in_features: weight.shape[1]!, out_features: width, bias: bias !== null }
    const id = this.add('Linear', wanted, from, options, bias === null ? { weight } : { weight, bias })
    return { ...from, id, width }
  }

  /** The modules as an architecture; where none says how wide the model's input of `inputs` features is, one more does. */
  architecture(inputs: number): Architecture {
    const read = parseArchitecture({ modules: this.modules })
    if (statedInputs(read) !== null) return read
    const id = this.#freeId('whole_input')
    const instead = (source: unknown): unknown => (source === 'input' ? id : source)
    const modules = this.modules.map((module) => ({
      ...module,
      ...('input' in module ? { input: instead(module['input']) } : {}),
      ...(Array.isArray(module['inputs']) ? { inputs: module['inputs'].map(instead) } : {}),
    }))
    return parseArchitecture({ modules: [{ type: 'Identity', id, in_features: inputs }, ...modules] })
  }

  /** The module that gives a value; undefined for the model's input. */
  moduleOf(value: ImportedValue): Record<string, unknown> | undefined {
    return this.modules.find((module) => (module['id'] ?? module['name']) === value.id)
  }

  /** Takes out a module, with its tensors, that no other reads so far. */
  removeUnread(name: string): void {
    const at = this.modules.findIndex((module) => module['name'] === name)
    if (this.isRead(name) || at < 0) return
    this.modules.splice(at, 1)
    for (const tensor of [...this.tensors.keys()]) if (tensor.startsWith(`${name}.`)) this.tensors.delete(tensor)
  }

  /** Whether a module so far reads the one of an id. */
  isRead(id: string): boolean {
    return this.modules.some(({ input, inputs }) => input === id || (Array.isArray(inputs) && inputs.includes(id)))
  }

  #freeId(wanted: string): string {
    let id = wanted
    for (let n = 1; this.#ids.has(id); n++) id = `${wanted}_${n}`
    this.#ids.add(id)
    return id
  }
}
