import { type ComponentProps, type ReactNode, type SubmitEvent, useId, useState } from 'react'
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useTranslate } from '../language/translate.ts'
import { Failure } from './states.tsx'

type Plain<E extends 'input' | 'textarea' | 'select'> = Omit<ComponentProps<E>, 'id' | 'className'>

/** A labelled line of text; its hint is read with it. */
export function TextField(props: Plain<'input'> & { label: string; hint?: string }): ReactNode {
  const { label, hint, ...input } = props
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} dir="auto" aria-describedby={hint ? `${id}-hint` : undefined} {...input} />
      {hint ? (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
    </div>
  )
}

export function LongField(props: Plain<'textarea'> & { label: string; hint?: string }): ReactNode {
  const { label, hint, ...area } = props
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} dir="auto" aria-describedby={hint ? `${id}-hint` : undefined} {...area} />
      {hint ? (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
    </div>
  )
}

export function Choose(
  props: Plain<'select'> & { label: string; options: readonly (readonly [string, string])[] },
): ReactNode {
  const { label, options, ...select } = props
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} {...select}>
        {options.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  )
}

export function Tick(props: Plain<'input'> & { label: ReactNode }): ReactNode {
  const { label, ...input } = props
  return (
    <label className="choice">
      <input type="checkbox" {...input} />
      <span>{label}</span>
    </label>
  )
}

/** Several of a list, sent under one name. */
export function TickSeveral(props: {
  legend: string
  name: string
  options: readonly (readonly [string, string])[]
  chosen?: readonly string[]
}): ReactNode {
  return (
    <fieldset>
      <legend>{props.legend}</legend>
      <div className="choices">
        {props.options.map(([value, words]) => (
          <Tick
            key={value}
            name={props.name}
            value={value}
            label={words}
            defaultChecked={props.chosen?.includes(value) ?? false}
          />
        ))}
      </div>
    </fieldset>
  )
}

/** What was written in a form, by field name. */
export class Sent {
  readonly data: FormData
  constructor(data: FormData) {
    this.data = data
  }
  text(name: string): string {
    const value = this.data.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  /** As typed, for passwords: white space counts. */
  exact(name: string): string {
    const value = this.data.get(name)
    return typeof value === 'string' ? value : ''
  }
  several(name: string): string[] {
    return this.data.getAll(name).filter((value) => typeof value === 'string')
  }
  ticked(name: string): boolean {
    return this.data.get(name) !== null
  }
}

/** A form that says when it works and what was refused; the fields keep what was written. */
export function Form(props: {
  submit: string
  tone?: 'destroys'
  act: (sent: Sent) => Promise<unknown>
  done?: () => void
  children: ReactNode
  beside?: ReactNode
}): ReactNode {
  const t = useTranslate()
  const [busy, setBusy] = useState(false)
  const [failed, setFailed] = useState<unknown>(null)
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault()
    // A dialog stands inside another form for React, though not for the page: its submission is its own.
    event.stopPropagation()
    const form = event.currentTarget
    setBusy(true)
    setFailed(null)
    try {
      await props.act(new Sent(new FormData(form)))
      form.reset()
      props.done?.()
    } catch (error) {
      setFailed(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      {props.children}
      <Failure error={failed} />
      <div className="row">
        <button className={`button ${props.tone ?? 'first'}`} type="submit" disabled={busy}>
          {busy ? t('state.working') : props.submit}
        </button>
        {props.beside}
      </div>
    </form>
  )
}

/** A button that opens a form in a dialog. Escape closes it; focus returns to the button. */
export function FormDialog(props: {
  button: string
  title: string
  submit: string
  tone?: 'first' | 'destroys' | 'bare'
  disabled?: boolean
  act: (sent: Sent) => Promise<unknown>
  children: ReactNode
}): ReactNode {
  const t = useTranslate()
  const [open, setOpen] = useState(false)
  const destroys = props.tone === 'destroys' ? { tone: 'destroys' as const } : {}
  return (
    <>
      <Button
        className={`button ${props.tone ?? ''}`}
        isDisabled={props.disabled ?? false}
        onPress={() => setOpen(true)}
      >
        {props.button}
      </Button>
      <Overlay open={open} title={props.title} close={() => setOpen(false)}>
        <Form
          submit={props.submit}
          act={props.act}
          done={() => setOpen(false)}
          {...destroys}
          beside={
            <Button className="button" onPress={() => setOpen(false)}>
              {t('action.cancel')}
            </Button>
          }
        >
          {props.children}
        </Form>
      </Overlay>
    </>
  )
}

export function Overlay(props: {
  open: boolean
  title: string
  close: () => void
  wide?: boolean
  children: ReactNode
}): ReactNode {
  return (
    <ModalOverlay
      className="shade"
      isOpen={props.open}
      isDismissable
      onOpenChange={(open) => (open ? undefined : props.close())}
    >
      <Modal className="dialog">
        <Dialog className="stack">
          <Heading slot="title">{props.title}</Heading>
          {props.children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  )
}
