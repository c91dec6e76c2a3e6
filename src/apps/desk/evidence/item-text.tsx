import { type ReactNode, useState } from 'react'
import { Button } from 'react-aria-components'
import { useAnswer } from '../app/call.ts'
import { usePartLabel } from '../language/part-label.ts'
import { passageLanguage } from '../language/passage-language.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { useAsked } from '../search/asked.ts'
import { Choose, TextField } from '../ui/form.tsx'
import { Empty, Reading } from '../ui/states.tsx'
import { Count } from '../ui/values.tsx'
import { markHits } from './mark-hits.ts'
import type { Item } from './item.ts'

const PIECE = 20_000

/** The text that was read from an item, part by part, with what was looked for marked. */
export function ItemText(props: { of: Item; label: string | null }): ReactNode {
  const t = useTranslate()
  const asked = useAsked()
  const say = usePartLabel()
  const { parts, id, reading } = props.of
  const named = parts.find(({ label }) => label === props.label)
  const [part, setPart] = useState(named?.part ?? parts[0]?.part ?? 0)
  const [hits, setHits] = useState(asked.query)
  if (parts.length === 0)
    return <Empty title={t('text.none')} hint={t(reading === null ? 'text.notYet' : 'text.noneHint')} />
  return (
    <div className="stack">
      <div className="row bottom">
        <Choose
          label={t('text.part')}
          value={String(part)}
          onChange={({ target }) => setPart(Number(target.value))}
          options={parts.map((one) => [String(one.part), say(one.label)])}
        />
        <div className="grow">
          <TextField
            label={t('text.mark')}
            type="search"
            value={hits}
            onChange={({ target }) => setHits(target.value)}
          />
        </div>
      </div>
      <Piece key={`${id} ${part}`} id={id} part={part} hits={hits} />
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
              lang={passageLanguage(read.language)}
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
