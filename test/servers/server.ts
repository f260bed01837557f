/** Control over one started server. No test can tell a local process from a container by it. */
export interface Server {
  /** False for a server given by the environment: it cannot be stopped, so tests of outages skip themselves. */
  readonly controllable: boolean
  /** Ends the server in good order and waits for it. Data and port stay, so `restart()` brings it back as it was. */
  stop(): Promise<void>
  /** Ends the server at once, as a power cut would (SIGKILL). */
  kill(): Promise<void>
  /** Starts again on the same port with the same data, stopping first when it runs; resolves when it answers. */
  restart(): Promise<void>
  /** Freezes the process: connections stay open and nothing answers. */
  pause(): Promise<void>
  /** Ends a `pause()`. */
  resume(): Promise<void>
}

/** A user name and a password. */
export interface Login {
  readonly username: string
  readonly password: string
}

/** A running Mosquitto. Anonymous unless `users` were asked for. */
export interface Mosquitto extends Server {
  /** `mqtt://127.0.0.1:port`. */
  readonly url: string
  /** `mqtts://127.0.0.1:port`, when `tls` was asked for. */
  readonly tlsUrl?: string
  /** The certificate authority that signed the server's certificate, as a PEM file, when `tls` was asked for. */
  readonly caFile?: string
}

/** What a Mosquitto should have beyond an anonymous listener. */
export interface MosquittoOptions {
  /** Names and passwords; anonymous clients are refused then. */
  readonly users?: Readonly<Record<string, string>>
  /** Opens a second listener with TLS. */
  readonly tls?: boolean
  /** Keeps sessions and retained messages over a `stop()` and `restart()`. Off by default. */
  readonly persistence?: boolean
}

/** A running Kafka broker, one node; topics must be created by the test. */
export interface Kafka extends Server {
  /** `127.0.0.1:port`, plain text and without a login. */
  readonly brokers: readonly string[]
  /** `127.0.0.1:port` with TLS and a login by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, when `sasl` was asked for. */
  readonly saslBrokers?: readonly string[]
  /** The login that `saslBrokers` accept. */
  readonly login?: Login
  /** The certificate authority of `saslBrokers`, as a PEM file. */
  readonly caFile?: string
}

/** What a Kafka broker should have beyond a plain-text listener. */
export interface KafkaOptions {
  /** Opens a second listener with TLS and SASL. */
  readonly sasl?: boolean
}

/** Versions of InfluxDB that tests know. 1.6: API v1. 1.8: API v1, `/api/v2/write`, Flux. 2.7: API v2. */
export type InfluxdbVersion = '1.6' | '1.8' | '2.7'

/** A running InfluxDB, empty. */
export interface Influxdb extends Server {
  /** `http://127.0.0.1:port`. */
  readonly url: string
  /** Organisation, bucket and token of 2.7; absent for 1.x, which has no login. */
  readonly setup?: { readonly org: string; readonly bucket: string; readonly token: string }
}

/** A running Prometheus with one-second scrapes and rule evaluations. */
export interface Prometheus extends Server {
  /** `http://127.0.0.1:port`. */
  readonly url: string
}

/** What a Prometheus scrapes and whom it tells. */
export interface PrometheusOptions {
  /** `host:port` of each scraped process; its path is `/metrics`. */
  readonly targets: readonly string[]
  /** A rule file's text (YAML). */
  readonly rules?: string
  /** `host:port` of each Alertmanager. */
  readonly alertmanagers?: readonly string[]
}

/** A running Alertmanager with short group intervals. */
export interface Alertmanager extends Server {
  /** `http://127.0.0.1:port`. */
  readonly url: string
}
