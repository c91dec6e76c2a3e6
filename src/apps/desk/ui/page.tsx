import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import { useTranslate } from '../language/translate.ts'
import { Reading } from './states.tsx'

export interface Crumb {
  readonly label: string
  readonly to?: string
}

/** A page: its way here, its title, what can be done, its content. */
export function Page(props: {
  title: string
  crumbs?: readonly Crumb[]
  under?: ReactNode
  actions?: ReactNode
  children: ReactNode
}): ReactNode {
  const t = useTranslate()
  useEffect(() => {
    document.title = `${props.title} · Amanat`
  }, [props.title])
  return (
    <>
      {props.crumbs?.length ? (
        <nav className="crumbs" aria-label={t('shell.crumbs')}>
          <ol>
            {props.crumbs.map((crumb) => (
              <li key={crumb.label}>
                {crumb.to ? <Link to={crumb.to}>{crumb.label}</Link> : <bdi>{crumb.label}</bdi>}
              </li>
            ))}
          </ol>
        </nav>
      ) : null}
      <div className="heading">
        <div className="titles">
          <h1 dir="auto">{props.title}</h1>
          {props.under}
        </div>
        {props.actions ? <div className="row">{props.actions}</div> : null}
      </div>
      {props.children}
    </>
  )
}

/** A titled sheet within a page. */
export function Sheet(props: { title: string; actions?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <section className="sheet">
      <div className="row spread">
        <h2>{props.title}</h2>
        {props.actions}
      </div>
      {props.children}
    </section>
  )
}

/** Names and values, one a line; absent values are left out. */
export function Facts(props: { of: readonly (readonly [string, ReactNode])[] }): ReactNode {
  const present = props.of.filter(([, value]) => value !== null && value !== undefined && value !== '')
  return (
    <dl className="facts">
      {present.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A page that stands on one reading: until it is there, or where it failed, the page says so under a title of its own. */
export function PageReading<T>(props: {
  of: UseQueryResult<T>
  title: string
  children: (value: T) => ReactNode
}): ReactNode {
  if (props.of.data !== undefined) return props.children(props.of.data)
  return (
    <Page title={props.title}>
      <Reading of={props.of}>{props.children}</Reading>
    </Page>
  )
}
