import { z } from 'zod'
import { route } from './route.ts'

export const health = z.object({
  status: z.enum(['ok', 'failing']),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), words: z.string() })),
})

export const readHealth = route({
  method: 'GET',
  path: '/healthz',
  tag: 'operation',
  access: 'public',
  answer: health,
  summary: 'Whether database, signer, workers and disk answer; 503 where one does not',
})
export const readMetrics = route({
  method: 'GET',
  path: '/metrics',
  tag: 'operation',
  access: 'metrics.read',
  kind: 'stream',
  summary: 'Figures in the Prometheus text format',
})
export const readOpenApi = route({
  method: 'GET',
  path: '/api/openapi.json',
  tag: 'operation',
  access: 'public',
  kind: 'stream',
  summary: 'This interface as an OpenAPI 3.1 document',
})
export const readDocs = route({
  method: 'GET',
  path: '/api/docs',
  tag: 'operation',
  access: 'public',
  kind: 'stream',
  summary: 'This interface as a page to read',
})
