import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import type { Said } from '../app/call.ts'
import { useCommand } from '../app/call.ts'
import { useMay } from '../app/session.ts'
import { useTranslate, useWord } from '../language/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { Sheet } from '../ui/page.tsx'
import { Failure, Notice } from '../ui/states.tsx'
import { Chip, When } from '../ui/values.tsx'

type Report = Said<'POST /api/items/:id/check'>

const TONES = { INTACT: 'lapis', PENDING: 'asks', ERASED: 'asks', FAIL: 'failed' } as const

/** Recomputes everything about one item from vault and log, and shows each step of the proof. */
export function CheckPanel(props: { id: string; registered: boolean }): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const check = useCommand('POST /api/items/:id/check')
  if (!may('item.check'))
    return (
      <Notice>
        <p>{t('check.notYours')}</p>
      </Notice>
    )
  return (
    <div className="stack">
      <p className="quiet">{t('check.hint')}</p>
      <div>
        <Button
          className="button first"
          isDisabled={check.isPending}
          onPress={() => check.mutate({ params: { id: props.id } })}
        >
          {check.isPending ? t('check.running') : t('check.run')}
        </Button>
      </div>
      <Failure error={check.error} />
      {check.data ? <Shown of={check.data} /> : null}
    </div>
  )
}

function Shown(props: { of: Report }): ReactNode {
  const t = useTranslate()
  const word = useWord()
  const { verdict, steps, proof, checkedAt } = props.of
  return (
    <div className="stack" role="status">
      <div className={`notice ${verdict === 'FAIL' ? 'failed' : verdict === 'INTACT' ? '' : 'asks'}`}>
        <h2 className="row">
          <Chip tone={TONES[verdict]}>{word('verdict', verdict)}</Chip>
          {t(`check.${verdict}`)}
        </h2>
        <p className="quiet small">
          <When at={checkedAt} both />
        </p>
      </div>
      <Sheet title={t('check.steps')}>
        <ol className="steps">
          {steps.map((step) => (
            <li key={`${step.step} ${step.words}`}>
              <span className={step.holds ? '' : 'failed'}>
                <Icon name={step.holds ? 'done' : 'wrong'} />
              </span>
              <div>
                <strong>{word('checkStep', step.step)}</strong>{' '}
                <span className={step.holds ? 'quiet' : 'failed'}>
                  {t(step.holds ? 'check.holds' : 'check.fails')}
                </span>
                <p className="small">{word('checkSays', `${step.step}.${wayOf(step, verdict)}`)}</p>
                {step.holds ? null : (
                  <p className="quiet small">
                    <bdi dir="auto" lang="en">
                      {step.words}
                    </bdi>
                  </p>
                )}
                <dl className="facts small">
                  {Object.entries(step.facts).map(([name, value]) => (
                    <div key={name}>
                      <dt>{word('checkFact', name)}</dt>
                      <dd>
                        <bdi className="mono">{String(value ?? '–')}</bdi>
                      </dd>
                    </div>
                  ))}
                </dl>
              </div>
            </li>
          ))}
        </ol>
      </Sheet>
      {proof ? (
        <Sheet title={t('check.proof')}>
          <p className="quiet small">{t('check.proofHint')}</p>
          <pre className="mono small" dir="ltr" tabIndex={0} style={{ overflowX: 'auto', margin: 0 }}>
            {[
              `entry  #${proof.entryIndex}`,
              `leaf   ${proof.leafHash}`,
              ...proof.path.map((hash, at) => `path ${String(at).padStart(2, '0')} ${hash}`),
              `size   ${proof.treeSize}`,
              `root   ${proof.root}`,
              '',
              proof.checkpoint,
            ].join('\n')}
          </pre>
        </Sheet>
      ) : null}
    </div>
  )
}

/** Which sentence a step is told in: erased bytes hold too, in another way. */
function wayOf(step: Report['steps'][number], verdict: Report['verdict']): string {
  if (!step.holds) return 'fails'
  return verdict === 'ERASED' && (step.step === 'vault' || step.step === 'plaintext') ? 'erased' : 'holds'
}
