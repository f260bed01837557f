import { init as initZstd, decompress as unzstd, compress as zstd } from '@bokuweb/zstd-wasm'
import kafkajs from 'kafkajs'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { compressLz4Block, lz4BlockBound } from './lz4-block.ts'

const { CompressionCodecs, CompressionTypes } = kafkajs

/** Most bytes that one compressed batch may become: brokers refuse batches far smaller than this. */
const batchBytesMax = 128 * 1024 * 1024

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const xerialHeaderBytes = 16
const xerialBlockBytes = 32 * 1024

/** A codec as kafkajs wants it: a batch's bytes in, a batch's bytes out. */
export interface BatchCodec {
  compress(batch: Uint8Array): Promise<Buffer>
  decompress(bytes: Uint8Array): Promise<Buffer>
}

/**
 * Snappy as Kafka's clients write it: Java in the framing of xerial's snappy-java, librdkafka bare. Reads both, writes
 * the framing, which both read.
 */
export const snappyCodec: BatchCodec = {
  async compress(batch) {
    const header = Buffer.alloc(xerialHeaderBytes)
    xerialMagic.copy(header)
    header.writeInt32BE(1, 8)
    header.writeInt32BE(1, 12)
    const parts: Uint8Array[] = [header]
    for (let at = 0; at < batch.length; at += xerialBlockBytes) {
      const block = snappy.compress(Buffer.from(batch.subarray(at, at + xerialBlockBytes)))
      const length = Buffer.alloc(4)
      length.writeInt32BE(block.length)
      parts.push(length, block)
    }
    return Buffer.concat(parts)
  },
  async decompress(bytes) {
    const buffer = asBuffer(bytes)
    if (!buffer.subarray(0, xerialMagic.length).equals(xerialMagic)) return snappy.uncompress(buffer, batchBytesMax)
    const parts: Uint8Array[] = []
    for (let at = xerialHeaderBytes; at < buffer.length; ) {
      const length = buffer.readInt32BE(at)
      at += 4
      parts.push(snappy.uncompress(buffer.subarray(at, at + length), batchBytesMax))
      at += length
    }
    return Buffer.concat(parts)
  },
}

/** Magic number, version 1 with independent blocks, blocks of 64 KiB, and the checksum of the two before it. */
const lz4Header = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
const lz4BlockBytes = 64 * 1024
const lz4StoredBlock = 0x8000_0000

/**
 * LZ4 in its frame format, as message format 2 wants it.
 *
 * Written here and read by `lz4js`, whose own writer makes frames and blocks that Java refuses.
 */
export const lz4Codec: BatchCodec = {
  async compress(batch) {
    const parts: Uint8Array[] = [lz4Header]
    for (let at = 0; at < batch.length; at += lz4BlockBytes) {
      const block = batch.subarray(at, at + lz4BlockBytes)
      const packed = new Uint8Array(lz4BlockBound(block.length))
      const length = compressLz4Block(block, packed)
      const stored = length >= block.length
      const size = Buffer.alloc(4)
      size.writeUInt32LE(stored ? lz4StoredBlock + block.length : length)
      parts.push(size, stored ? block : packed.subarray(0, length))
    }
    parts.push(Buffer.alloc(4))
    return Buffer.concat(parts)
  },
  async decompress(bytes) {
    return asBuffer(lz4.decompress(bytes))
  },
}

let zstdReady: Promise<void> | undefined

/** Zstandard. Java and librdkafka may leave the content's size out of the frame: then the room is doubled until it fits. */
export const zstdCodec: BatchCodec = {
  async compress(batch) {
    zstdReady ??= initZstd()
    await zstdReady
    return asBuffer(zstd(batch, 3))
  },
  async decompress(bytes) {
    zstdReady ??= initZstd()
    await zstdReady
    for (let room = Math.max(256 * 1024, bytes.length * 8); ; room *= 4) {
      try {
        return asBuffer(unzstd(bytes, { defaultHeapSize: room }))
      } catch (error) {
        if (room > batchBytesMax) throw error
      }
    }
  },
}

/** Teaches kafkajs the codecs that it does not bring; it knows gzip itself. */
export function registerCompression(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => forKafkajs(snappyCodec)
  CompressionCodecs[CompressionTypes.LZ4] = () => forKafkajs(lz4Codec)
  CompressionCodecs[CompressionTypes.ZSTD] = () => forKafkajs(zstdCodec)
}

/** kafkajs hands its encoder to `compress`, whose `buffer` is the batch. */
function forKafkajs(codec: BatchCodec) {
  return {
    compress: (encoder: { readonly buffer: Buffer }) => codec.compress(encoder.buffer),
    decompress: (bytes: Buffer) => codec.decompress(bytes),
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
