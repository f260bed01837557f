import { loadModelFiles, readModel } from './cli/model-files.ts'
import type { SensorComparison } from './core/comparison.ts'
import {
  type Adoption,
  createPipeline as createCorePipeline,
  type LivePipeline,
  type PipelineModels,
  type RecentReadings,
} from './core/live-pipeline.ts'
import type { Pipeline, PipelineOptions } from './core/pipeline.ts'
import { defaultSpec, SensorCatalog, type SensorSpec } from './domain/sensor.ts'
import type { Architecture } from './model/architecture.ts'
import type { KernelName } from './model/create-kernel.ts'
import type { HiddenState } from './model/hidden-state.ts'
import type { Model, ModelCard } from './model/model.ts'
import {
  type ForwardOptions,
  type ForwardResult,
  forward,
  openStream,
  type Stream,
  type StreamOptions,
} from './model/recurrent.ts'
import { createTrainer, type Gradients, type Trainer, type TrainerOptions } from './model/trainer/trainer.ts'
import { startKernelWorker } from './runtime/kernel-workers.ts'
import {
  createReadingExplainer,
  type ExplainedReading,
  type Explanation,
  type ReadingExplainer,
  type ReadingExplainerOptions,
} from './train/explain/explanation.ts'
import { type Occlusion, occlusion } from './train/explain/occlusion.ts'
import { type GaussianOptions, type Loss, losses } from './train/loss.ts'
import { clipGradientNorm, createOptimizer, type Optimizer, type OptimizerOptions } from './train/optimizer.ts'

export { ConfigurationError, OperatingError } from './base/errors.ts'
export type { Alarm, AlarmState, AlarmTransition } from './domain/alarm.ts'
export { Frame } from './domain/frame.ts'
export { OutcomeFrame } from './domain/outcome.ts'
export { Quality, qualityName } from './domain/quality.ts'
export { SensorCatalog, type SensorSpec } from './domain/sensor.ts'
export type {
  Adoption,
  Architecture,
  ExplainedReading,
  Explanation,
  ForwardOptions,
  ForwardResult,
  GaussianOptions,
  Gradients,
  HiddenState,
  KernelName,
  LivePipeline,
  Loss,
  Model,
  ModelCard,
  Occlusion,
  Optimizer,
  OptimizerOptions,
  Pipeline,
  PipelineModels,
  ReadingExplainer,
  ReadingExplainerOptions,
  RecentReadings,
  SensorComparison,
  Stream,
  StreamOptions,
  Trainer,
  TrainerOptions,
}
export { clipGradientNorm, createOptimizer, createReadingExplainer, createTrainer, losses, occlusion }

/** A model that is ready to run. */
export interface LoadedModel {
  readonly model: Model
  /** Runs sequences: x Float32Array, (B,T,I) row-major, or (T,B,I) with `batchFirst: false`. */
  forward(x: Float32Array, options: ForwardOptions): ForwardResult
  /**
   * Opens one hidden state a slot; `threads` (default 1) counts the caller's own, and pays from batches of 256 rows on.
   *
   * Errors: `OperatingError('model')` for a model that needs whole windows.
   */
  open(options: Omit<StreamOptions, 'workers'> & { readonly threads?: number }): Stream
}

/**
 * Loads a model. `path`: a Residua model directory, a name that ships (`base`), what Keras saved (`.keras`, `.h5`), an
 * ONNX graph (`.onnx`), a TF.js layers model (its `model.json`), or a state dict of PyTorch (`.safetensors`, `.pt`) with
 * its `architecture` in PyTorch's own words (`model/module-table.ts` has every module and option).
 *
 * Errors: rejects with `OperatingError('model')` that names what is missing, wrong or not built.
 */
export async function loadModel(path: string, options: { readonly architecture?: unknown } = {}): Promise<LoadedModel> {
  const model = readModel(path, options.architecture)
  return {
    model,
    forward: (x, forwardOptions) => forward(model, x, forwardOptions),
    open: ({ threads = 1, ...openOptions }) =>
      openStream(model, { ...openOptions, workers: { count: threads - 1, start: startKernelWorker } }),
  }
}

/** Options of the library's pipeline. */
export interface LibraryPipelineOptions {
  /** A name that ships, a model directory, or a loaded model; default `base`. */
  readonly model?: string | Model
  /** Sensor ids, or specs with at least an id; they get slots 0, 1, … in this order. */
  readonly sensors: readonly (string | (Partial<SensorSpec> & { readonly id: string }))[]
  readonly plant?: string
  readonly learn?: PipelineOptions['learn']
  readonly quarantine?: boolean
  /** Default `wasm`; `reference` is slow and defines what is right, `wasm-relaxed` gives other last bits on other machines. */
  readonly kernel?: KernelName
}

/**
 * The pure core for a fixed list of sensors: frames in, outcomes out, no I/O. `setShadow` lets another model score beside,
 * `adopt` makes one live between two frames.
 *
 * Errors: `OperatingError('model')` for a model that cannot be loaded or does not forecast.
 */
export function createPipeline(options: LibraryPipelineOptions): LivePipeline & { readonly catalog: SensorCatalog } {
  const specs = new Map<string, SensorSpec>()
  for (const sensor of options.sensors) {
    const given = typeof sensor === 'string' ? { id: sensor } : sensor
    specs.set(given.id, { ...defaultSpec(given.id, given.labels), ...given })
  }
  const catalog = new SensorCatalog(specs.size, (id, labels) => specs.get(id) ?? defaultSpec(id, labels))
  for (const id of specs.keys()) catalog.intern(id)
  const model = typeof options.model === 'object' ? options.model : loadModelFiles(options.model ?? 'base')
  const pipeline = createCorePipeline({
    model,
    catalog,
    plant: options.plant ?? 'plant',
    quarantine: options.quarantine ?? false,
    ...(options.learn === undefined ? {} : { learn: options.learn }),
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
  })
  return Object.assign(pipeline, { catalog })
}
