import { Refusal } from '../../base/refusal.ts'
import { isId } from '../../base/ids.ts'
import { evidenceRoutes } from '../../contract/evidence.ts'
import { readSession } from '../../contract/identity.ts'
import { createCompartment, listCompartments } from '../../contract/people.ts'
import type { Received } from '../../contract/route.ts'
import type { DeskClient } from './call.ts'
import { isolate } from './print.ts'

type Collection = Received<typeof evidenceRoutes.createCollection>
type Source = Received<typeof evidenceRoutes.createSource>
type Item = Received<typeof evidenceRoutes.findItem>

/** An item by its registration number or id. Refuses: not_found. */
export async function findItem(desk: DeskClient, name: string): Promise<{ id: string; number: string }> {
  if (isId(name)) return { id: name, number: name }
  const item: Item = await desk.call(evidenceRoutes.findItem, { query: { number: name } })
  return { id: item.id, number: item.registrationNumber ?? name }
}

async function everyCollection(desk: DeskClient): Promise<Collection[]> {
  const all: Collection[] = []
  let after: string | undefined
  do {
    const page = await desk.call(evidenceRoutes.listCollections, {
      query: { limit: 200, ...(after ? { after } : {}) },
    })
    all.push(...page.collections)
    after = page.next ?? undefined
  } while (after)
  return all
}

/**
 * The collection of a name or id; with `create` it is made where it does not exist.
 * Refuses: not_found with the names there are.
 */
export async function findCollection(desk: DeskClient, name: string, create: boolean): Promise<Collection> {
  const all = await everyCollection(desk)
  const found = all.filter((collection) => collection.id === name || collection.name === name)
  if (found.length === 1 && found[0]) return found[0]
  if (found.length > 1)
    throw new Refusal('conflict', `Several collections are called ${isolate(name)}: name one by its id.`)
  if (create) {
    const compartmentId = await ownCompartment(desk)
    return desk.call(evidenceRoutes.createCollection, { body: { name, compartmentId } })
  }
  const names = all.map((collection) => isolate(collection.name)).join(', ') || 'none yet'
  throw new Refusal(
    'not_found',
    `There is no collection called ${isolate(name)} that you may see. There are: ${names}. Add --create to make it.`,
  )
}

/** The source of a code (S-0001), id or provider's name; with `create` an organisation of that name is made. */
export async function findSource(
  desk: DeskClient,
  name: string,
  compartmentId: string,
  create: boolean,
): Promise<Source> {
  let after: string | undefined
  do {
    const page = await desk.call(evidenceRoutes.listSources, {
      query: { limit: 200, ...(after ? { after } : {}) },
    })
    const found = page.sources.find((source) => [source.id, source.code, source.provider].includes(name))
    if (found) return found
    after = page.next ?? undefined
  } while (after)
  if (!create)
    throw new Refusal(
      'not_found',
      `There is no source ${isolate(name)} that you may see. Name it by its code (S-0001), or add --create to make it.`,
    )
  return desk.call(evidenceRoutes.createSource, {
    body: { kind: 'organisation', provider: name, compartmentId },
  })
}

/** The compartment that new things of the caller go into: the first ordinary one of theirs; made where there is none. */
export async function ownCompartment(desk: DeskClient): Promise<string> {
  const { compartments } = await desk.call(listCompartments)
  const mine = compartments.find((compartment) => compartment.mine && compartment.kind === 'ordinary')
  if (mine) return mine.id
  const { person } = await desk.call(readSession)
  const made = await desk.call(createCompartment, {
    body: { name: 'General', memberIds: person ? [person.id] : [] },
  })
  return made.id
}
