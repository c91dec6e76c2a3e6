import { globSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import path from 'node:path'
import { formatTable, type Bench } from './table.ts'

const args = process.argv.slice(2)
const small = args.includes('--small')
const wanted = args.filter((arg) => !arg.startsWith('--'))
const support = new Set(['run.ts', 'table.ts'])
const files = globSync('*.ts', { cwd: import.meta.dirname }).filter(
  (file) => !support.has(file) && !file.endsWith('.test.ts') && !file.includes('-'),
)
const chosen = files
  .filter((file) => wanted.length === 0 || wanted.includes(path.basename(file, '.ts')))
  .sort()
if (chosen.length === 0) {
  console.error(
    `There is no benchmark called ${wanted.join(', ')}. There are: ${files.map((file) => path.basename(file, '.ts')).join(', ')}`,
  )
  process.exit(2)
}
console.log(
  `Machine: ${cpus().length} × ${cpus()[0]?.model.trim()}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; Node ${process.version}; ${new Date().toISOString().slice(0, 10)}${small ? '; small size' : ''}\n`,
)
for (const file of chosen) {
  const module = (await import(path.join(import.meta.dirname, file))) as { bench?: Bench }
  if (!module.bench) throw new Error(`bench/${file} exports no bench`)
  console.error(`— ${file}`)
  for (const table of await module.bench({ small, say: (line) => console.error(`  ${line}`) }))
    console.log(formatTable(table))
}
