import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { cruise } from 'dependency-cruiser'
import { judge } from './rules.ts'

const ROOT = path.join(import.meta.dirname, '../..')

interface Arrow {
  readonly from: string
  readonly to: string
}

/** Every import of one of our files by another below `src`, test files left out. */
async function readArrows(folder: string): Promise<{ modules: number; arrows: Arrow[]; circles: string[] }> {
  const before = process.cwd()
  process.chdir(folder)
  try {
    const answer = await cruise(['src'], {
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '\\.test\\.tsx?$' },
      enhancedResolveOptions: {
        extensions: ['.ts', '.tsx'],
        exportsFields: ['exports'],
        conditionNames: ['import'],
      },
      ruleSet: {
        forbidden: [
          {
            name: 'circle',
            severity: 'error',
            from: {},
            to: { circular: true, dependencyTypesNot: ['type-only'] },
          },
        ],
      },
      validate: true,
    })
    if (typeof answer.output === 'string') throw new Error('expected the result as an object')
    const ours = answer.output.modules.filter((module) => module.source.startsWith('src/'))
    const arrows = ours.flatMap((module) =>
      module.dependencies
        .filter((to) => to.resolved.startsWith('src/'))
        .map((to) => ({ from: module.source, to: to.resolved })),
    )
    const circles = answer.output.summary.violations.map((violation) => `${violation.from} ↔ ${violation.to}`)
    return { modules: ours.length, arrows, circles }
  } finally {
    process.chdir(before)
  }
}

test('every import follows the arrows of ARCHITECTURE.md', async () => {
  const { modules, arrows, circles } = await readArrows(ROOT)
  assert.ok(modules > 50, `saw only ${modules} modules: the reader is broken`)
  assert.ok(arrows.length > 50, `saw only ${arrows.length} imports: the reader is broken`)
  const wrong = arrows
    .map((arrow) => ({ ...arrow, why: judge(arrow.from, arrow.to) }))
    .filter((arrow) => arrow.why !== null)
  assert.deepEqual(
    wrong.map((arrow) => `${arrow.from} → ${arrow.to}: ${arrow.why}`),
    [],
  )
  assert.deepEqual(circles, [])
})

test('planted violations are found', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'amanat-arrows-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const plant = (file: string, text: string): void => {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
    writeFileSync(path.join(folder, file), text)
  }
  plant('src/base/leaf.ts', "import { b } from '../modules/vault/seal.ts'\nexport const a = b\n")
  plant('src/modules/vault/seal.ts', 'export const b = 1\n')
  plant('src/modules/vault/store.ts', 'export const c = 1\n')
  plant(
    'src/modules/evidence/take.ts',
    "import type { D } from '../intake/run.ts'\nimport { c } from '../vault/store.ts'\nexport const e: D = c\n",
  )
  plant('src/modules/intake/run.ts', 'export type D = number\n')
  const { arrows } = await readArrows(folder)
  const wrong = arrows
    .filter((arrow) => judge(arrow.from, arrow.to) !== null)
    .map((arrow) => `${arrow.from} → ${arrow.to}`)
  assert.deepEqual(wrong.sort(), [
    'src/base/leaf.ts → src/modules/vault/seal.ts',
    'src/modules/evidence/take.ts → src/modules/intake/run.ts',
    'src/modules/evidence/take.ts → src/modules/vault/store.ts',
  ])
})
