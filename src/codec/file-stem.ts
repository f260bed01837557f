const extension = /\.(csv|tsv|txt|ndjson|jsonl|json|lp|line)$/i

/** A file's name without folders, a known extension and `.gz`: the sensor of a file that names none. */
export function fileStem(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).replace(/\.gz$/i, '')
  const stem = extension.test(name) ? name.replace(extension, '') : name.replace(/\.[^.]+$/, '')
  return stem === '' ? name : stem
}
