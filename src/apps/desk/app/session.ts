import { createContext, useContext } from 'react'
import type { WhoAmI } from '../../../contract/identity.ts'
import type { Verb } from '../../../contract/verbs.ts'

const Session = createContext<WhoAmI | null>(null)
export const SessionProvider = Session.Provider

/** Who is signed in; only below the shell. */
export function useSession(): WhoAmI {
  const session = useContext(Session)
  if (!session) throw new Error('no session here: the page stands outside the shell')
  return session
}

/** Whether the person's roles give a verb: decides what is offered. The server decides what is done. */
export function useMay(): (verb: Verb) => boolean {
  const { verbs } = useSession()
  return (verb) => verbs.includes(verb)
}
