import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { Button } from 'react-aria-components'
import { SignInPage } from '../identity/sign-in-page.tsx'
import { useTranslate } from '../language/translate.ts'
import { Icon } from '../ui/icon.tsx'
import { Loading, Reading } from '../ui/states.tsx'
import { openAreas } from './areas.ts'
import { useAnswer } from './call.ts'
import { SessionProvider, useMay, useSession } from './session.ts'
import { useShortcuts } from './shortcuts.ts'
import { LanguageSwitch, ThemeSwitch } from './switches.tsx'

const Palette = lazy(() => import('./palette.tsx').then(({ Palette: component }) => ({ default: component })))
const ShortcutsHelp = lazy(() =>
  import('./shortcuts-help.tsx').then(({ ShortcutsHelp: component }) => ({ default: component })),
)

/** Everything around a page: the door for those who are not signed in, the rail and the top line for those who are. */
export function Shell(): ReactNode {
  const session = useAnswer('GET /api/session', undefined, { everyMs: 60_000 })
  const { pathname } = useLocation()
  if (pathname === '/join') return <Outlet />
  return (
    <Reading of={session}>
      {(who) =>
        who.person && !who.secondFactorNeeded ? (
          <SessionProvider value={who}>
            <Inside />
          </SessionProvider>
        ) : (
          <SignInPage who={who} />
        )
      }
    </Reading>
  )
}

function Inside(): ReactNode {
  const t = useTranslate()
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  const [open, setOpen] = useState<'palette' | 'help' | null>(null)
  useShortcuts(setOpen)
  const before = useRef(pathname)
  useEffect(() => {
    if (before.current !== pathname) main.current?.focus()
    before.current = pathname
  }, [pathname])
  return (
    <div className="desk">
      <a className="skip" href="#content">
        {t('shell.skip')}
      </a>
      <Rail />
      <div>
        <TopLine openPalette={() => setOpen('palette')} openHelp={() => setOpen('help')} />
        <main id="content" ref={main} tabIndex={-1}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <Suspense fallback={null}>
        {open === 'palette' ? <Palette close={() => setOpen(null)} /> : null}
        {open === 'help' ? <ShortcutsHelp close={() => setOpen(null)} /> : null}
      </Suspense>
    </div>
  )
}

function Rail(): ReactNode {
  const t = useTranslate()
  const may = useMay()
  const { pathname } = useLocation()
  return (
    <nav className="rail" aria-label={t('shell.areas')}>
      <img className="mark" src="/mark.svg" width={34} height={34} alt="" />
      {openAreas(may).map((area) => {
        const here = area.to === '/' ? pathname === '/' : pathname.startsWith(area.to)
        return (
          <Link key={area.to} to={area.to} className="area" aria-current={here ? 'page' : undefined}>
            <Icon name={area.icon} size={20} />
            {t(area.label)}
          </Link>
        )
      })}
    </nav>
  )
}

function TopLine(props: { openPalette: () => void; openHelp: () => void }): ReactNode {
  const t = useTranslate()
  const { deskName, person } = useSession()
  return (
    <header className="top">
      <span className="row">
        <strong dir="auto">{deskName}</strong>
        <span className="quiet small">{t('shell.signedInAs', { name: person?.name ?? '' })}</span>
      </span>
      <span className="row">
        <Button className="button" onPress={props.openPalette}>
          <Icon name="search" size={16} />
          {t('shell.goTo')} <kbd>Ctrl K</kbd>
        </Button>
        <Button className="button bare" aria-label={t('shell.shortcuts')} onPress={props.openHelp}>
          <kbd>?</kbd>
        </Button>
        <LanguageSwitch />
        <ThemeSwitch />
      </span>
    </header>
  )
}
