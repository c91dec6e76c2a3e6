import { Refusal } from '../../base/refusal.ts'
import { evidenceRoutes } from '../../contract/evidence.ts'
import {
  addMember,
  createCompartment,
  giveGrant,
  invite,
  listCompartments,
  listPeople,
  removeMember,
  type Person,
} from '../../contract/people.ts'
import { ROLES, type Role } from '../../contract/roles.ts'
import type { Received } from '../../contract/route.ts'
import { isId } from '../../base/ids.ts'
import type { DeskClient } from './call.ts'
import { findCollection, findItem, ownCompartment } from './lookup.ts'
import { formatTable, isolate } from './print.ts'
import type { Call } from './verb.ts'

/** Everyone on the desk. */
export async function runPeople({ desk, print }: Call<object>): Promise<void> {
  const { people } = await desk.call(listPeople)
  print.result({ people }, () =>
    formatTable(people.map((one) => [one.id, one.state, isolate(one.name), one.roles.join(' ')])),
  )
}

/** Invites a person; the link is printed once. */
export async function runInvite({
  desk,
  print,
  options,
  args,
}: Call<{ role: string[]; compartment?: string[]; days?: string }>): Promise<void> {
  const compartmentIds: string[] = []
  for (const name of options.compartment ?? []) compartmentIds.push((await findCompartment(desk, name)).id)
  const days = options.days === undefined ? {} : { days: Number(options.days) }
  const made = await desk.call(invite, {
    body: { name: args[0] ?? '', roles: options.role.map(readRole), compartmentIds, ...days },
  })
  print.result(
    made,
    () =>
      `Give this link to ${isolate(made.invitation.name)}; it works once, until ${made.invitation.expiresAt}:\n${made.link}`,
  )
}

function readRole(text: string): Role {
  const found = ROLES.find((role) => role === text)
  if (!found) throw new Refusal('invalid_input', `"${text}" is no role. There are: ${ROLES.join(', ')}.`)
  return found
}

async function findCompartment(desk: DeskClient, name: string) {
  const { compartments } = await desk.call(listCompartments)
  const found = compartments.find((one) => one.id === name || one.name === name)
  if (!found)
    throw new Refusal(
      'not_found',
      `There is no compartment ${isolate(name)}. There are: ${compartments.map((one) => isolate(one.name)).join(', ') || 'none'}.`,
    )
  return found
}

async function findPerson(desk: DeskClient, name: string): Promise<Person> {
  const { people } = await desk.call(listPeople)
  const found = people.filter((one) => one.id === name || one.signInName === name || one.name === name)
  if (found.length === 1 && found[0]) return found[0]
  throw new Refusal(
    'not_found',
    found.length === 0
      ? `There is nobody called ${isolate(name)}.`
      : `Several people are called ${isolate(name)}: use the id.`,
  )
}

/** Lists compartments, makes one, or changes who is in it. */
export async function runCompartments({
  desk,
  print,
  options,
  args,
}: Call<{ kind?: string; add?: string; remove?: string; reason?: string }>): Promise<void> {
  const name = args[0]
  if (name === undefined) {
    const { compartments } = await desk.call(listCompartments)
    return print.result(
      { compartments },
      () =>
        formatTable(
          compartments.map((one) => [
            one.id,
            one.kind,
            isolate(one.name),
            one.members.map((member) => isolate(member.name)).join(', '),
          ]),
        ) || 'No compartments.',
    )
  }
  const why = options.reason ?? ''
  if (options.add ?? options.remove) {
    const [compartment, person] = [
      await findCompartment(desk, name),
      await findPerson(desk, (options.add ?? options.remove) as string),
    ]
    const changed = options.add
      ? await desk.call(addMember, { params: { id: compartment.id }, body: { personId: person.id, why } })
      : await desk.call(removeMember, { params: { id: compartment.id, personId: person.id }, body: { why } })
    return print.result(
      changed,
      () => `${isolate(changed.name)}: ${changed.members.map((member) => isolate(member.name)).join(', ')}`,
    )
  }
  const kind = options.kind as Received<typeof createCompartment>['kind'] | undefined
  const made = await desk.call(createCompartment, { body: { name, ...(kind ? { kind } : {}) } })
  print.result(made, () => `${made.id}  ${isolate(made.name)}`)
}

/** Lets a person see one item or collection until a date. */
export async function runGrant({
  desk,
  print,
  options,
}: Call<{
  to: string
  item?: string
  collection?: string
  until: string
  purpose: string
  original?: boolean
}>): Promise<void> {
  const person = isId(options.to) ? options.to : (await findPerson(desk, options.to)).id
  const subjectId = options.item
    ? (await findItem(desk, options.item)).id
    : (await findCollection(desk, options.collection ?? '', false)).id
  const until = Number.isNaN(Date.parse(options.until))
    ? options.until
    : new Date(options.until).toISOString()
  const body = {
    personId: person,
    subjectKind: options.item ? ('item' as const) : ('collection' as const),
    subjectId,
    purpose: options.purpose,
    original: options.original === true,
    until,
  }
  const given = await desk.call(giveGrant, { body })
  print.result(given, () => `${given.id}: ${isolate(given.person.name)} sees it until ${given.until}.`)
}

/** Lists collections, or makes one. */
export async function runCollections({
  desk,
  print,
  options,
  args,
}: Call<{ compartment?: string; trustIntake?: boolean; description?: string }>): Promise<void> {
  const name = args[0]
  if (name !== undefined) {
    const compartmentId = options.compartment
      ? (await findCompartment(desk, options.compartment)).id
      : await ownCompartment(desk)
    const body = {
      name,
      compartmentId,
      trustsIntake: options.trustIntake === true,
      description: options.description ?? '',
    }
    const made = await desk.call(evidenceRoutes.createCollection, { body })
    return print.result(made, () => `${made.id}  ${isolate(made.name)}`)
  }
  const rows: Received<typeof evidenceRoutes.listCollections>['collections'] = []
  let after: string | undefined
  do {
    const page = await desk.call(evidenceRoutes.listCollections, {
      query: { limit: 200, ...(after ? { after } : {}) },
    })
    rows.push(...page.collections)
    after = page.next ?? undefined
  } while (after)
  print.result(
    { collections: rows },
    () =>
      formatTable(
        rows.map((row) => [
          row.id,
          String(row.counts.items),
          isolate(row.name),
          isolate(row.compartment.name),
        ]),
      ) || 'No collections yet: amanat collections NAME makes one.',
  )
}
