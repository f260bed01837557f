/**
 * Real servers for tests: one call each, and no test knows whether it got an address from the environment, a container or a
 * local process. Every server listens on loopback only, on a port of its own, and ends with the test run at the latest.
 */
export { startAlertmanager } from './alertmanager.ts'
export { startInfluxdb } from './influxdb.ts'
export { startKafka } from './kafka.ts'
export { whyMissing } from './missing.ts'
export { startMosquitto } from './mosquitto.ts'
export { startPrometheus } from './prometheus.ts'
export type {
  Alertmanager,
  Influxdb,
  InfluxdbVersion,
  Kafka,
  KafkaOptions,
  Login,
  Mosquitto,
  MosquittoOptions,
  Prometheus,
  PrometheusOptions,
  Server,
} from './server.ts'
export { sharedKafka, sharedMosquitto } from './shared.ts'
