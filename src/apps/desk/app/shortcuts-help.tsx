import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { useTranslate } from '../language/translate.ts'
import { Overlay } from '../ui/form.tsx'
import { openAreas } from './areas.ts'
import { useMay } from './session.ts'

export function ShortcutsHelp(props: { close: () => void }): ReactNode {
  const t = useTranslate()
  const areas = openAreas(useMay())
  const lines: readonly (readonly [string, string])[] = [
    ['Ctrl K', t('shell.goTo')],
    ['/', t('area.search')],
    ['j', t('shell.nextRow')],
    ['k', t('shell.previousRow')],
    ['Enter', t('shell.openRow')],
    ['?', t('shell.shortcuts')],
    ...areas.map((area) => [`g ${area.key}`, t(area.label)] as const),
  ]
  return (
    <Overlay open title={t('shell.shortcuts')} close={props.close}>
      <table>
        <thead className="unseen">
          <tr>
            <th>{t('shell.keys')}</th>
            <th>{t('shell.leadsTo')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(([keys, words]) => (
            <tr key={keys}>
              <td>
                <kbd>{keys}</kbd>
              </td>
              <td>{words}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row">
        <Button className="button" onPress={props.close}>
          {t('action.close')}
        </Button>
      </div>
    </Overlay>
  )
}
