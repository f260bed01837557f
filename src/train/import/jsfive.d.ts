declare module 'jsfive' {
  /** A folder of an HDF5 file. */
  export class Group {
    readonly keys: string[]
    readonly attrs: Readonly<Record<string, unknown>>
    get(path: string): Group | Dataset | null
  }

  /** An array of an HDF5 file. */
  export class Dataset {
    readonly shape: number[]
    readonly dtype: unknown
    readonly value: ArrayLike<number>
  }

  /** A whole HDF5 file. */
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name: string)
  }
}
