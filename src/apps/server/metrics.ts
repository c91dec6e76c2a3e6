import type { FastifyInstance } from 'fastify'

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

interface Series {
  count: number
  sumSeconds: number
  buckets: number[]
}

const requests = new Map<string, Series>()
const gauges = new Map<string, { help: string; read: () => number | Promise<number> }>()

/** Offers a figure under `amanat_<name>`; the last offer of a name wins. */
export function offerGauge(name: string, help: string, read: () => number | Promise<number>): void {
  gauges.set(name, { help, read })
}

/** Counts answered requests by route pattern (never by address) and status. */
export function countRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    const key = `method="${request.method}",route="${route}",status="${reply.statusCode}"`
    const series = requests.get(key) ?? { count: 0, sumSeconds: 0, buckets: BUCKETS_SECONDS.map(() => 0) }
    const seconds = reply.elapsedTime / 1000
    series.count++
    series.sumSeconds += seconds
    BUCKETS_SECONDS.forEach((limit, at) => {
      if (seconds <= limit) series.buckets[at] = (series.buckets[at] ?? 0) + 1
    })
    requests.set(key, series)
  })
}

/** Every figure in the Prometheus text format (0.0.4). A gauge that cannot be read is left out, and said so. */
export async function printMetrics(): Promise<string> {
  const lines = [
    '# HELP amanat_http_request_seconds Answered requests',
    '# TYPE amanat_http_request_seconds histogram',
  ]
  for (const [labels, series] of requests) {
    BUCKETS_SECONDS.forEach((limit, at) => {
      lines.push(`amanat_http_request_seconds_bucket{${labels},le="${limit}"} ${series.buckets[at] ?? 0}`)
    })
    lines.push(
      `amanat_http_request_seconds_bucket{${labels},le="+Inf"} ${series.count}`,
      `amanat_http_request_seconds_sum{${labels}} ${series.sumSeconds}`,
      `amanat_http_request_seconds_count{${labels}} ${series.count}`,
    )
  }
  const memory = process.memoryUsage()
  lines.push('# TYPE process_resident_memory_bytes gauge', `process_resident_memory_bytes ${memory.rss}`)
  for (const [name, { help, read }] of gauges) {
    try {
      const value = await read()
      lines.push(`# HELP amanat_${name} ${help}`, `# TYPE amanat_${name} gauge`, `amanat_${name} ${value}`)
    } catch (error) {
      lines.push(`# amanat_${name} could not be read: ${(error as Error).name}`)
    }
  }
  return `${lines.join('\n')}\n`
}
