declare module 'lz4js' {
  const lz4: {
    decompress(bytes: Uint8Array, maxSize?: number): Uint8Array
  }
  export default lz4
}

declare module 'snappyjs' {
  const snappy: {
    compress(bytes: Buffer): Buffer
    uncompress(bytes: Buffer, maxLength?: number): Buffer
  }
  export default snappy
}
