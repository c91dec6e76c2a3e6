import type { ReactNode } from 'react'
import { useTranslate, useWord } from '../language/translate.ts'
import { Count, Written } from '../ui/values.tsx'
import { ask } from './asked.ts'
import type { Found } from './use-search.ts'

/** The words of the desk behind a facet's values; the other facets' values are names. */
const WORDS: Readonly<Record<string, string>> = {
  language: 'language',
  classification: 'class',
  state: 'state',
}

/** How many items each value holds; choosing one narrows the query, choosing it again widens it. */
export function Facets(props: { of: Found['facets']; query: string }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  return props.of
    .filter(({ values }) => values.length > 0)
    .map(({ facet, values }) => (
      <section key={facet} className="facet">
        <h3>{t(`facet.${facet}`)}</h3>
        <ul>
          {values.slice(0, 12).map(({ value, subjects }) => {
            const filter = `${facet}:${/^[\p{L}\p{N}_./+-]+$/u.test(value) ? value : `"${value}"`}`
            const on = props.query.includes(filter)
            const group = WORDS[facet]
            return (
              <li key={value}>
                <button
                  type="button"
                  aria-pressed={on}
                  onClick={() => ask(on ? without(props.query, filter) : within(props.query, filter))}
                >
                  <Written>{group ? word(group, value) : value}</Written>
                  <span className="quiet">
                    <Count of={subjects} />
                  </span>
                </button>
              </li>
            )
          })}
        </ul>
      </section>
    ))
}

/** OR binds less than the filter that is added, so a question with OR is put in parentheses first. */
function within(query: string, filter: string): string {
  return `${/\bOR\b|\|\|/.test(query) && !query.startsWith('(') ? `(${query})` : query} ${filter}`
}

function without(query: string, filter: string): string {
  return query.replace(filter, '').replace(/\s+/g, ' ').trim()
}
