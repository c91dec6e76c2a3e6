/**
 * The arrows of ARCHITECTURE.md. Each part may import itself and what is listed; everything else is a violation.
 * `modules` has arrows of its own below.
 */
export const PARTS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  proof: ['base'],
  text: ['base'],
  contract: ['base'],
  platform: ['proof', 'text', 'contract', 'base'],
  modules: ['platform', 'proof', 'text', 'contract', 'base'],
  'apps/server': ['modules', 'platform', 'proof', 'text', 'contract', 'base', 'apps/signer'],
  'apps/signer': ['modules', 'platform', 'proof', 'base'],
  'apps/cli': ['apps/server', 'modules', 'platform', 'proof', 'text', 'contract', 'base'],
  'apps/desk': ['contract', 'text', 'base'],
  'apps/verifier': ['proof', 'base'],
}

/** What a module may call beside these three, which anything may. */
const ANYBODY = ['ledger', 'identity', 'jobs'] as const
export const MODULES: Readonly<Record<string, readonly string[]>> = {
  ledger: [],
  vault: [],
  identity: [],
  jobs: [],
  search: [],
  evidence: ['vault', 'search'],
  integrity: ['vault', 'evidence', 'search', 'intake'],
  intake: ['evidence', 'vault'],
}

/** The part a file belongs to: `src/modules/vault/seal.ts` → `modules`. */
export function partOf(file: string): string | null {
  const [, first, second] = file.split('/')
  if (first === undefined) return null
  return first === 'apps' ? `apps/${second}` : first
}

/** Why the import may not be, or null where it may. Paths are relative to the checkout, with `/`. */
export function judge(from: string, to: string): string | null {
  const [fromPart, toPart] = [partOf(from), partOf(to)]
  if (fromPart === null || toPart === null) return null
  if (fromPart !== toPart) {
    const allowed = PARTS[fromPart]
    if (!allowed) return `${fromPart} is not a part of ARCHITECTURE.md`
    return allowed.includes(toPart) ? judgeStore(from, to) : `${fromPart} may not import ${toPart}`
  }
  return fromPart === 'modules' ? judgeModules(from, to) : null
}

function judgeModules(from: string, to: string): string | null {
  const [fromModule = '', toModule = ''] = [from.split('/')[2], to.split('/')[2]]
  if (fromModule === toModule) return null
  const allowed = MODULES[fromModule]
  if (!allowed) return `module ${fromModule} has no arrows in test/architecture/rules.ts`
  if (![...ANYBODY, ...allowed].includes(toModule)) return `module ${fromModule} may not call ${toModule}`
  return judgeStore(from, to)
}

function judgeStore(from: string, to: string): string | null {
  const outside = from.split('/').slice(0, 3).join('/') !== to.split('/').slice(0, 3).join('/')
  const inModule = to.startsWith('src/modules/')
  return outside && inModule && /(^|\/|-)store\.ts$/.test(to)
    ? `${to} is its module's own; call a verb`
    : null
}
