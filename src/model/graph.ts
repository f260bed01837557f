import type { Activation } from './activation.ts'

/**
 * A model as a list of nodes in the order in which they are computed: what every kernel reads.
 *
 * `architecture.ts` is the declaration that a person writes (PyTorch's words, stacks, `residual`, `bidirectional`);
 * lowering makes one node of every layer and direction. A node reads earlier nodes only; node 0 is the input.
 * A node gives a sequence, (B,T,width), or, behind a node that ends the sequence, one vector, (B,width).
 */
export interface Graph {
  readonly nodes: readonly Node[]
  /** Index of the node whose value is the model's output. */
  readonly output: number
}

/** How a gated recurrent cell is written down; `model.json` says which. */
export type CellKind =
  /** h' = tanh(W_i x + b_i + W_h h + b_h) */
  | 'rnn_tanh'
  /** The same with max(0, ·). */
  | 'rnn_relu'
  /** PyTorch's and Keras' LSTM: rows i, f, g, o; with `projection` h' = W_p (o·tanh c'). */
  | 'lstm'
  /** PyTorch, cuDNN, Keras `reset_after=True`: n = tanh(W_in x + b_in + r·(W_hn h + b_hn)), h' = (1−z)·n + z·h; rows r, z, n. */
  | 'gru_reset_after'
  /** Keras `reset_after=False`: n = tanh(W_in x + b_in + W_hn (r·h) + b_hn), h' = (1−z)·n + z·h; rows r, z, n. */
  | 'gru_reset_before'
  /** The textbook (Cho et al. 2014): as `gru_reset_before` with h' = (1−z)·h + z·n, z being the complement; rows r, z, n. */
  | 'gru_textbook'

interface NodeBase {
  /** Indices of the nodes it reads; always smaller than its own. */
  readonly inputs: readonly number[]
  /** Features of its value. */
  readonly width: number
  /** Whether its value is a sequence; false behind `last`, `pool` and what follows them. */
  readonly sequence: boolean
  /** The module it came from, for messages: its name, or its type and place. */
  readonly label: string
}

/** The model's input, (B,T,I). */
export interface InputNode extends NodeBase {
  readonly op: 'input'
}

/** One recurrent layer in one direction. State h (P or H) and, for `lstm`, c (H). Width = P or H. */
export interface RecurrentNode extends NodeBase {
  readonly op: 'recurrent'
  readonly cell: CellKind
  readonly hidden: number
  /** LSTM with projection: size of h; else 0. */
  readonly projection: number
  /** True: the ticks are read from the last to the first; the value at tick t belongs to tick t. Windows only. */
  readonly reverse: boolean
  /** Names of tensors: (G·H,I), (G·H,P or H), (G·H), (G·H), (P,H); null where there is none. */
  readonly wIn: string
  readonly wHidden: string
  readonly bIn: string | null
  readonly bHidden: string | null
  readonly wProjection: string | null
  /** Place in `HiddenState`: PyTorch's index, layer × directions + direction, counted over all recurrent modules. */
  readonly stateIndex: number
  /** Training only: the probability with which a unit of h is hidden from W_h for a whole batch. 0 for kernels. */
  readonly recurrentDropout: number
  /** Activations other than σ and tanh (Keras, ONNX); null for the usual. Such a cell runs on the reference kernel. */
  readonly gateActivation: Activation | null
  readonly cellActivation: Activation | null
}

/** y = W x + b; weight (O,I), bias (O). */
export interface LinearNode extends NodeBase {
  readonly op: 'linear'
  readonly weight: string
  readonly bias: string | null
}

/** An elementwise function, or softmax over the features. */
export interface ActivationNode extends NodeBase {
  readonly op: 'activation'
  readonly activation: Activation
}

/** (x − mean) / √(variance + eps) · weight + bias over the features (biased variance). */
export interface LayerNormNode extends NodeBase {
  readonly op: 'layerNorm'
  readonly eps: number
  readonly weight: string | null
  readonly bias: string | null
}

/** Batch normalisation in evaluation: (x − mean) / √(variance + eps) · weight + bias a feature, all fixed. */
export interface BatchNormNode extends NodeBase {
  readonly op: 'batchNorm'
  readonly eps: number
  readonly mean: string
  readonly variance: string
  readonly weight: string | null
  readonly bias: string | null
}

/** Sum, product, mean, maximum of equally wide values, or all side by side. */
export interface MergeNode extends NodeBase {
  readonly op: 'merge'
  readonly how: 'add' | 'multiply' | 'average' | 'maximum' | 'concat'
}

/** The value at the last tick (of a reversed layer alone: at the tick where it ended, the first). */
export interface LastNode extends NodeBase {
  readonly op: 'last'
  readonly first: boolean
}

/** Mean or maximum over the ticks, or all ticks side by side. Windows only. */
export interface PoolNode extends NodeBase {
  readonly op: 'pool'
  readonly how: 'mean' | 'maximum' | 'flatten'
}

/** One vector repeated for every tick of the input, or `ticks` times. Windows only. */
export interface RepeatNode extends NodeBase {
  readonly op: 'repeat'
  readonly ticks: number
}

/**
 * Additive attention (Bahdanau) over the last `window` values h_i, this one included:
 * score_i = v·tanh(W_k h_i + b [+ W_q h_t]), value = Σ softmax(score)_i h_i. Width = that of h.
 */
export interface AdditiveAttentionNode extends NodeBase {
  readonly op: 'additiveAttention'
  /** Ticks looked back on, the present included; 0: all of the window (windows only). */
  readonly window: number
  readonly size: number
  /** (A,F), (A) or null, (1,A), (A,F) or null. */
  readonly wKey: string
  readonly bKey: string | null
  readonly wScore: string
  readonly wQuery: string | null
  /** Training only: the probability with which a weight of a look becomes 0. 0 for kernels. */
  readonly dropout: number
}

/**
 * Scaled dot-product attention of every tick over the last `window` ticks, itself included (`causal`), or over all
 * ticks (windows only). `projected`: PyTorch's MultiheadAttention, in_proj (3E,E) rows q, k, v and out_proj (E,E); else q = k = v = x.
 */
export interface DotAttentionNode extends NodeBase {
  readonly op: 'dotAttention'
  readonly window: number
  readonly causal: boolean
  readonly heads: number
  /** Factor of q·k: 1/√(E/heads) in PyTorch. */
  readonly scale: number
  readonly projected: boolean
  readonly wIn: string | null
  readonly bIn: string | null
  readonly wOut: string | null
  readonly bOut: string | null
  /** Training only: as for additive attention. */
  readonly dropout: number
}

/** The first half stays (mean), the second becomes a standard deviation: softplus(s) + floor. */
export interface GaussianNode extends NodeBase {
  readonly op: 'gaussian'
  readonly floor: number
}

/** In training a value becomes 0 with probability p, else it is divided by 1 − p. No kernel sees such a node. */
export interface DropoutNode extends NodeBase {
  readonly op: 'dropout'
  readonly p: number
  /** The same at all ticks of a window. */
  readonly whole: boolean
}

/** A node of a graph that is trained. */
export type TrainingNode = Node | DropoutNode

/** A graph with dropout where the declaration has it: what the trainer reads. */
export interface TrainingGraph {
  readonly nodes: readonly TrainingNode[]
  readonly output: number
}

/** Any node of a graph. */
export type Node =
  | InputNode
  | RecurrentNode
  | LinearNode
  | ActivationNode
  | LayerNormNode
  | BatchNormNode
  | MergeNode
  | LastNode
  | PoolNode
  | RepeatNode
  | AdditiveAttentionNode
  | DotAttentionNode
  | GaussianNode

/** Features of the model's input. */
export function inputWidth(graph: Graph): number {
  return graph.nodes[0]!.width
}

/** Features of the model's output. */
export function outputWidth(graph: Graph): number {
  return graph.nodes[graph.output]!.width
}

/** The recurrent nodes in the order of their place in `HiddenState`. */
export function recurrentNodes(graph: Graph): RecurrentNode[] {
  return graph.nodes.filter((node) => node.op === 'recurrent').sort((a, b) => a.stateIndex - b.stateIndex)
}

/** The probability with which training drops something in a node; 0 where nothing is dropped. */
export function dropRate(node: TrainingNode): number {
  if (node.op === 'dropout') return node.p
  if (node.op === 'recurrent') return node.recurrentDropout
  return node.op === 'additiveAttention' || node.op === 'dotAttention' ? node.dropout : 0
}

/** Gates of a cell: how many times H rows its weights have. */
export function gateCount(cell: CellKind): number {
  if (cell === 'lstm') return 4
  return cell === 'rnn_tanh' || cell === 'rnn_relu' ? 1 : 3
}
