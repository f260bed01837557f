/** Where one server finds its things, in a container or on this machine. */
export interface Place {
  /** Folder of its configuration files. */
  readonly config: string
  /** Folder of its data: empty at first, kept over restarts. */
  readonly data: string
  /** Its ports on 127.0.0.1, as many as the recipe asked for; the first one is the service. */
  readonly ports: readonly [number, ...number[]]
  /** Folder of Kafka's jars. */
  readonly kafkaLibs: string
}

/** How one server is started: the same in a container and on this machine, so that both ways test the same thing. */
export interface Recipe {
  readonly name:
    | 'mosquitto'
    | 'kafka'
    | 'influxdb-1.6'
    | 'influxdb-1.8'
    | 'influxdb-2.7'
    | 'prometheus'
    | 'alertmanager'
  readonly portCount: number
  /** Configuration files by name, below `place.config`. */
  files(place: Place): Readonly<Record<string, string>>
  /** A command that must have run once before the first start. */
  prepare?(place: Place): readonly [string, ...string[]]
  /** The server's own command: program and arguments. */
  command(place: Place): readonly [string, ...string[]]
  /** Throws until the server really answers. */
  ready(place: Place): Promise<void>
}
