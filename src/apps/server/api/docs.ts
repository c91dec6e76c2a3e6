import { readDocs, readOpenApi } from '../../../contract/health.ts'
import { handle, type Handled } from '../handle.ts'

interface Document {
  readonly info: { readonly title: string; readonly description?: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, { tags?: string[]; summary?: string }>>>>
}

/** The interface's description, as a document for programs and as a page to read; neither holds a script. */
export function docsHandlers(describe: () => unknown): Handled[] {
  return [
    handle(readOpenApi, async () => ({
      type: 'application/json; charset=utf-8',
      body: JSON.stringify(describe()),
    })),
    handle(readDocs, async () => ({
      type: 'text/html; charset=utf-8',
      body: printPage(describe() as Document),
    })),
  ]
}

function printPage(document: Document): string {
  const rows = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, route]) => ({ path, method, route, tag: route.tags?.[0] ?? '' })),
  )
  const tags = [...new Set(rows.map((row) => row.tag))].sort()
  const sections = tags.map((tag) => {
    const lines = rows
      .filter((row) => row.tag === tag)
      .map(
        ({ path, method, route }) =>
          `<tr><td><code>${method.toUpperCase()}</code></td><td><code>${escape(path)}</code></td><td>${escape(route.summary ?? '')}</td></tr>`,
      )
    return `<h2>${escape(tag)}</h2><table>${lines.join('')}</table>`
  })
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Amanat: interface</title>
<meta name="viewport" content="width=device-width"><style>
:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td{padding:.3rem .8rem .3rem 0;vertical-align:top;border-bottom:1px solid #8884}
</style></head><body><main><h1>Interface of ${escape(document.info.description ?? 'this desk')}</h1>
<p>The full description with every schema: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}</main></body></html>`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
