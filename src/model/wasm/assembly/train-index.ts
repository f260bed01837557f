/**
 * The training kernels in WebAssembly: products, gates with a tape, and their ways back, called tick by tick.
 *
 * What is called in which order is told in trainer-*.ts of the folder `model`. Rows lie (T,B,F): a tick is contiguous.
 */
export { activate, layerNorm, softmax } from './activation'
export { affine, affineOnto } from './affine'
export { maximum, multiply, scale } from './rows'
export { activateBack, gaussianBack, gaussianTape, softmaxBack } from './train-activation'
export { additiveAttention, additiveAttentionBack, dotAttention, dotAttentionBack } from './train-attention'
export { gruAfter, gruAfterBack, gruMix, gruMixBack, gruReset, gruResetBack } from './train-gru'
export { lstm, lstmBack, rnnReluBack, rnnReluTape, rnnTanhBack, rnnTanhTape } from './train-lstm'
export { layerNormBack, scaleBack } from './train-norm'
export { weightGradient } from './train-products'
export { addColumns, addScaled, clear, copyColumns, countEqual, move, shareEqual } from './train-rows'
