import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Button } from 'react-aria-components'
import { useAnswer } from '../app/call.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Choose, TextField } from '../ui/form.tsx'
import { Empty, Reading } from '../ui/states.tsx'
import { Count } from '../ui/values.tsx'
import { markHits } from './mark-hits.ts'
import type { Item } from './item-page.tsx'

const PIECE = 20_000

/** The text that was read from an item, part by part, with what was looked for marked. */
export function ItemText(props: { of: Item; part: number; hits: string }): ReactNode {
  const t = useTranslate()
  const navigate = useNavigate()
  const { parts } = props.of
  if (parts.length === 0)
    return (
      <Empty title={t('text.none')} hint={t(props.of.reading === null ? 'text.notYet' : 'text.noneHint')} />
    )
  const change = (search: { part?: number; q?: string }): void => {
    void navigate({
      to: '.',
      search: { tab: 'text', part: props.part, q: props.hits || undefined, ...search } as never,
      replace: true,
    })
  }
  return (
    <div className="stack">
      <div className="row bottom">
        <Choose
          label={t('text.part')}
          value={String(props.part)}
          onChange={({ target }) => change({ part: Number(target.value) })}
          options={parts.map((part) => [String(part.part), part.label])}
        />
        <div className="grow">
          <TextField
            label={t('text.mark')}
            type="search"
            defaultValue={props.hits}
            onKeyDown={(event) => {
              if (event.key === 'Enter') change({ q: event.currentTarget.value })
            }}
          />
        </div>
      </div>
      <Piece key={`${props.of.id} ${props.part}`} id={props.of.id} part={props.part} hits={props.hits} />
    </div>
  )
}

function Piece(props: { id: string; part: number; hits: string }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const [offset, setOffset] = useState(0)
  const text = useAnswer('GET /api/items/:id/text', {
    params: { id: props.id },
    query: { part: props.part, offset, characters: PIECE },
  })
  return (
    <Reading of={text}>
      {(read) => {
        const pieces = markHits(read.text, props.hits)
        return (
          <>
            <p className="quiet small" role="status">
              {read.language ? word('language', read.language) : null}{' '}
              {props.hits ? t('text.hits', { count: pieces.filter(({ hit }) => hit).length }) : null}
            </p>
            <div
              className="passage page"
              dir={read.dir}
              lang={read.language ?? undefined}
              tabIndex={0}
              role="region"
              aria-label={t('item.text')}
            >
              {pieces.map((piece) => (piece.hit ? <mark key={piece.at}>{piece.text}</mark> : piece.text))}
            </div>
            <div className="row">
              <Button
                className="button"
                isDisabled={offset === 0}
                onPress={() => setOffset(Math.max(0, offset - PIECE))}
              >
                {t('text.before')}
              </Button>
              <Button
                className="button"
                isDisabled={read.nextOffset === null}
                onPress={() => setOffset(read.nextOffset ?? offset)}
              >
                {t('text.after')}
              </Button>
              <span className="quiet small">
                {t('text.from')} <Count of={read.offset} />
              </span>
            </div>
          </>
        )
      }}
    </Reading>
  )
}
