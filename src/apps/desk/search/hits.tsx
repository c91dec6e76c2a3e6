import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { cutAt } from '../evidence/mark-hits.ts'
import { useFormat } from '../language/format.ts'
import { usePartLabel } from '../language/part-label.ts'
import { passageLanguage } from '../language/passage-language.ts'
import { useWord } from '../language/translate.ts'
import { Chip, PathName, Written } from '../ui/values.tsx'
import type { Found } from './use-search.ts'

type Hit = Found['hits'][number]

const DAY_MS = 86_400_000

/** Passages with what was looked for marked; each in its own direction, whatever stands around it. */
export function Hits(props: { of: readonly Hit[] }): ReactNode {
  return (
    <ul className="hits">
      {props.of.map((hit) => (
        <li key={hit.passageNo}>
          <HitLine of={hit} />
          <blockquote
            className="passage"
            dir="auto"
            lang={passageLanguage(hit.facets.language)}
            style={{ margin: 0 }}
          >
            {cutAt(hit.text, hit.highlights).map((piece) =>
              piece.hit ? <mark key={piece.at}>{piece.text}</mark> : piece.text,
            )}
          </blockquote>
        </li>
      ))}
    </ul>
  )
}

function HitLine(props: { of: Hit }): ReactNode {
  const word = useWord()
  const format = useFormat()
  const label = usePartLabel()
  const { of } = props
  const { facets } = of
  const day = of.firstDay === null ? null : new Date(of.firstDay * DAY_MS).toISOString().slice(0, 10)
  const search = of.label === 'name' ? {} : { tab: 'text', label: of.label }
  return (
    <div className="row">
      <Link to={`/items/${of.subjectId}`} search={search as never}>
        <PathName of={of.name} />
      </Link>
      <span className="quiet small row">
        {of.label === 'name' ? null : <Written>{label(of.label)}</Written>}
        {facets.type ? <bdi>{facets.type}</bdi> : null}
        {facets.language ? <span>{word('language', facets.language)}</span> : null}
        {day ? <bdi>{format.day(day)}</bdi> : null}
      </span>
      {facets.classification ? <Chip>{word('class', facets.classification)}</Chip> : null}
    </div>
  )
}
