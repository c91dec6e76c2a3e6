import { type ReactNode, useRef, useState } from 'react'
import { Button, DropZone } from 'react-aria-components'
import { useTranslate } from '../language/translate.ts'
import { Bytes } from '../ui/values.tsx'
import { type Chosen, fromDialog, fromDrop } from './choose-files.ts'

/** Drop a folder in, or choose files or a folder. */
export function FileChooser(props: {
  chosen: readonly Chosen[]
  choose: (chosen: readonly Chosen[]) => void
}): ReactNode {
  const t = useTranslate()
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const [reading, setReading] = useState(false)
  const bytes = props.chosen.reduce((sum, { file }) => sum + file.size, 0)
  const take = async (coming: Promise<Chosen[]>): Promise<void> => {
    setReading(true)
    try {
      props.choose(await coming)
    } finally {
      setReading(false)
    }
  }
  return (
    <DropZone
      className="drop"
      aria-label={t('intake.drop')}
      onDrop={(event) => void take(fromDrop(event.items))}
    >
      <strong>{t('intake.drop')}</strong>
      <span className="row">
        <Button className="button" onPress={() => folder.current?.click()}>
          {t('intake.chooseFolder')}
        </Button>
        <Button className="button" onPress={() => files.current?.click()}>
          {t('intake.chooseFiles')}
        </Button>
      </span>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label={t('intake.chooseFiles')}
        onChange={({ target }) => props.choose(fromDialog(target.files))}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label={t('intake.chooseFolder')}
        {...{ webkitdirectory: '' }}
        onChange={({ target }) => props.choose(fromDialog(target.files))}
      />
      <span role="status">
        {reading ? (
          t('state.loading')
        ) : props.chosen.length > 0 ? (
          <>
            {t('intake.chosen', { count: props.chosen.length })} · <Bytes of={bytes} />
          </>
        ) : (
          <span className="quiet">{t('intake.dropHint')}</span>
        )}
      </span>
    </DropZone>
  )
}
