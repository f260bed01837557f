import { withControl } from './external.ts'
import type { Alertmanager } from './server.ts'
import { startServer } from './start.ts'
import { deployFile } from './template.ts'

/** Starts an Alertmanager of the test's own, which notifies `webhookUrl` when one is given. */
export async function startAlertmanager(options: { readonly webhookUrl?: string } = {}): Promise<Alertmanager> {
  const webhooks = options.webhookUrl === undefined ? [] : [{ url: options.webhookUrl, send_resolved: true }]
  const { server, place } = await startServer({
    name: 'alertmanager',
    portCount: 1,
    files: () => ({
      'alertmanager.yml': deployFile('alertmanager/alertmanager.yml', {
        GROUP_WAIT: '200ms',
        GROUP_INTERVAL: '1s',
        WEBHOOKS: JSON.stringify(webhooks),
      }),
    }),
    command: ({ config, data, ports }) => [
      'alertmanager',
      `--config.file=${config}/alertmanager.yml`,
      `--storage.path=${data}`,
      `--web.listen-address=127.0.0.1:${ports[0]}`,
      // Empty, or it opens its gossip port for a cluster that does not exist.
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    ready: async ({ ports }) => {
      const answer = await fetch(`http://127.0.0.1:${ports[0]}/-/ready`, { signal: AbortSignal.timeout(3_000) })
      if (!answer.ok) throw new Error(`Alertmanager answers ${answer.status}`)
    },
  })
  return withControl(server, { url: `http://127.0.0.1:${place.ports[0]}` })
}
