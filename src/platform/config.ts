import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { Refusal } from '../base/refusal.ts'

const port = z.coerce.number().int().min(0).max(65_535)

/**
 * Every setting: in `config.json` in the desk's folder, or in the environment under the name that
 * `environmentName` gives (`port` → AMANAT_PORT). The environment wins. docs/operations/configuration.md lists them.
 */
const settings = z.strictObject({
  deskName: z.string().min(1).max(120).default('Amanat desk'),
  host: z.string().min(1).default('127.0.0.1'),
  port: port.default(7420),
  publicUrl: z.url().optional(),
  databaseUrl: z.string().startsWith('postgres').optional(),
  timeZone: z.string().refine(isTimeZone, 'is not a time zone name like Europe/Geneva').default('UTC'),
  registrationPattern: z
    .string()
    .regex(/\{n(:\d{1,2})?\}/, 'must hold {n} or {n:6}')
    .max(60)
    .default('{yyyy}-{n:6}'),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  workers: z.coerce.number().int().min(1).max(64).default(2),
  extractTimeoutSeconds: z.coerce.number().int().min(1).max(86_400).default(120),
  extractMemoryMb: z.coerce.number().int().min(128).max(65_536).default(1024),
  sessionHours: z.coerce.number().int().min(1).max(720).default(12),
  idleSeconds: z.coerce.number().min(1).max(86_400).default(15),
})

export type Config = Readonly<z.infer<typeof settings>>

/** `port` → `AMANAT_PORT`; `databaseUrl` keeps the name that everybody knows. */
export function environmentName(key: string): string {
  if (key === 'databaseUrl') return 'DATABASE_URL'
  return `AMANAT_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/**
 * Reads the desk's settings from its file and the environment.
 *
 * Refuses: config_invalid, naming every wrong key, where it stands and what it should be.
 */
export function loadConfig(home: string, environment: NodeJS.ProcessEnv): Config {
  const file = path.join(home, 'config.json')
  const fromFile = readFile(file)
  const fromEnvironment: Record<string, unknown> = {}
  for (const key of Object.keys(settings.shape)) {
    const value = environment[environmentName(key)]
    if (value !== undefined && value !== '') fromEnvironment[key] = value
  }
  const parsed = settings.safeParse({ ...fromFile, ...fromEnvironment })
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map((issue) => describe(issue, fromEnvironment, file))
  throw new Refusal(
    'config_invalid',
    `The desk's settings are wrong; nothing was started.\n${lines.join('\n')}`,
  )
}

function readFile(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {}
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
    throw new Error('it is not a JSON object')
  } catch (error) {
    throw new Refusal(
      'config_invalid',
      `${file} cannot be read as settings: ${(error as Error).message}. Mend it or remove it, then start again.`,
    )
  }
}

function describe(issue: z.core.$ZodIssue, fromEnvironment: Record<string, unknown>, file: string): string {
  if (issue.code === 'unrecognized_keys') return `- ${issue.keys.join(', ')} in ${file}: no such setting`
  const key = String(issue.path[0] ?? '')
  const where = key in fromEnvironment ? `the environment (${environmentName(key)})` : file
  return `- ${key} in ${where}: ${issue.message}`
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/**
 * The desk's folder: `--home`, else AMANAT_HOME, else `.amanat` in a checkout, else the user's data folder.
 * `checkout`: the folder of the checkout the program runs from, or null when installed.
 */
export function findHome(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
  checkout: string | null,
): string {
  const named = option ?? environment['AMANAT_HOME']
  if (named) return path.resolve(named)
  if (checkout) return path.join(checkout, '.amanat')
  if (process.platform === 'darwin') return path.join(homedir(), 'Library/Application Support/Amanat')
  if (process.platform === 'win32') return path.join(environment['LOCALAPPDATA'] ?? homedir(), 'Amanat')
  return path.join(environment['XDG_DATA_HOME'] ?? path.join(homedir(), '.local/share'), 'amanat')
}
