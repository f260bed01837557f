/** Who asks for a change, and why; both are kept in the audit log. */
export interface ModelChangeBy {
  readonly by: string
  readonly reason: string
}

/** What became of the sensors at a change of the model, by number. */
export interface ModelHandover {
  /** Went on with their state: the networks have one shape. */
  readonly kept: number
  /** Went on with the state of the shadow. */
  readonly continued: number
  /** Warmed up from recent readings, and score. */
  readonly warmed: number
  /** Warm up: their history was too short. */
  readonly warming: number
}

/** What a plant runs now. Models are told as `NAME@VERSION`, or as the configuration names them. */
export interface RunningModels {
  readonly model: string
  readonly shadow: string | null
  /** The registered model whose live version and shadow the plant follows; null: it runs one fixed model. */
  readonly follows: string | null
  /** Why the plant does not run what the registry says; null while it does. */
  readonly problem: string | null
  /** The last change since the start. Units: ms since 1970, wall time. */
  readonly lastChange: ({ readonly at: number; readonly model: string } & ModelHandover) | null
}

/** One of the two sides of a comparison. */
export interface ComparedSide {
  /** Mean of |observed − expected| over the readings that both scored, in the sensor's unit. */
  readonly meanError: number
  /** Times that an alarm began, and readings in alarm. */
  readonly alarms: number
  readonly alarmReadings: number
}

/** A live model against its shadow on the same readings. */
export interface ModelComparison {
  readonly plant: string
  /** Versions that are compared. */
  readonly live: number
  readonly shadow: number
  /** Event time, ms since 1970: first and last reading that both scored; null before the first. */
  readonly fromMs: number | null
  readonly toMs: number | null
  /** Readings that both scored. */
  readonly readings: number
  /** Geometric mean over sensors of the shadow's mean error through the live one's: below 1 the shadow forecasts better. */
  readonly relativeError: number | null
  readonly alarms: { readonly live: number; readonly shadow: number }
  readonly sensors: readonly {
    readonly sensor: string
    readonly readings: number
    readonly live: ComparedSide
    readonly shadow: ComparedSide
    /** Readings that one of them holds for anomalous and the other does not. */
    readonly apart: number
  }[]
}

/** A version of a registered model. */
export interface RegisteredVersion {
  readonly version: number
  /** ISO 8601, wall time. */
  readonly addedAt: string
  readonly addedBy: string
  readonly fingerprint: string
  /** Sensors with a model of their own; 0: one model for any sensor. */
  readonly sensors: number
  /** The model that it was fine-tuned from, `name-fingerprint`; null: from nothing, or unknown. */
  readonly parent: string | null
  /** What it was trained on, where its card says so. Units: ms since 1970, event time. */
  readonly data: {
    readonly fingerprint: string
    readonly rows: number
    readonly fromMs: number
    readonly toMs: number
    readonly channels: readonly string[]
    readonly files: readonly string[]
  } | null
  /** `relativeError` (mean error through that of repeating the last value), `loss.…` and others. */
  readonly metrics: Readonly<Record<string, number>> | null
}

/** One change of a registered model. */
export interface AuditEntry {
  /** ISO 8601, wall time. */
  readonly at: string
  readonly by: string
  readonly action: 'add' | 'promote' | 'rollback' | 'shadow' | 'end-shadow'
  readonly version: number | null
  readonly from: number | null
  readonly reason: string
}

/** A registered model with its versions and changes, oldest first. */
export interface RegisteredModel {
  readonly name: string
  readonly live: number | null
  readonly shadow: number | null
  /** What a rollback makes live; null: nothing was live before. */
  readonly rollbackTo: number | null
  readonly versions: readonly RegisteredVersion[]
  readonly audit: readonly AuditEntry[]
  readonly comparison: ModelComparison | null
}

/** What the registry has. */
export interface Registered {
  readonly models: readonly RegisteredModel[]
  /** What is wrong with each model whose record cannot be read, and what to do. */
  readonly damaged: readonly string[]
}

/** Why a change is refused: no such model or version, or it makes no sense now. */
export class ModelRefusal extends Error {
  readonly kind: 'unknown' | 'conflict'
  override readonly name = 'ModelRefusal'

  constructor(kind: ModelRefusal['kind'], message: string) {
    super(message)
    this.kind = kind
  }
}

/**
 * The models of a running plant, as the server sees them.
 *
 * A change is resolved when the registry has it and, where the plant follows that model, when the plant runs it (or
 * `running().problem` says why not). Errors: `ModelRefusal`; `OperatingError` where the registry or a model's files fail.
 */
export interface PlantModels {
  running(): RunningModels
  registered(): Registered
  promote(name: string, version: number, who: ModelChangeBy): Promise<void>
  rollback(name: string, who: ModelChangeBy): Promise<void>
  /** null ends the shadow. */
  shadow(name: string, version: number | null, who: ModelChangeBy): Promise<void>
}
