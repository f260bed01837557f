import { withControl } from './external.ts'
import type { Prometheus, PrometheusOptions } from './server.ts'
import { startServer } from './start.ts'
import { deployFile } from './template.ts'

/** Starts a Prometheus of the test's own; one from the environment could not be told what to scrape. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { server, place } = await startServer({
    name: 'prometheus',
    portCount: 1,
    files: ({ config }) => ({
      'prometheus.yml': deployFile('prometheus/prometheus.yml', {
        SCRAPE_INTERVAL: '1s',
        SCRAPE_TIMEOUT: '1s',
        EVALUATION_INTERVAL: '1s',
        RULE_FILES: JSON.stringify(options.rules === undefined ? [] : [`${config}/rules.yml`]),
        ALERTMANAGERS: JSON.stringify(options.alertmanagers ?? []),
        TARGETS: JSON.stringify(options.targets),
      }),
      ...(options.rules === undefined ? {} : { 'rules.yml': options.rules }),
    }),
    command: ({ config, data, ports }) => [
      'prometheus',
      `--config.file=${config}/prometheus.yml`,
      `--storage.tsdb.path=${data}`,
      `--web.listen-address=127.0.0.1:${ports[0]}`,
      '--web.enable-remote-write-receiver',
      '--web.enable-lifecycle',
      // An alert that fired before the Alertmanager was discovered would wait a minute for its second chance.
      '--rules.alert.resend-delay=1s',
      '--log.level=warn',
    ],
    ready: async ({ ports }) => {
      const answer = await fetch(`http://127.0.0.1:${ports[0]}/-/ready`, { signal: AbortSignal.timeout(3_000) })
      if (!answer.ok) throw new Error(`Prometheus answers ${answer.status}`)
    },
  })
  return withControl(server, { url: `http://127.0.0.1:${place.ports[0]}` })
}
