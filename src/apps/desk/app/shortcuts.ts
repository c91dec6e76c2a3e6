import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { openAreas } from './areas.ts'
import { useMay } from './session.ts'

const FIELDS = 'input, textarea, select, [contenteditable]'

const ROWS = 'main tbody tr, main .hits > li, main ul.stack > li, main ol.timeline > li'

/** Puts the focus on the link of the next or previous row of the page's list; Enter then opens it. */
function stepThroughRows(by: 1 | -1): void {
  const links = [...document.querySelectorAll(ROWS)]
    .map((row) => row.querySelector<HTMLElement>('a[href]'))
    .filter((link) => link !== null)
  const now = document.activeElement?.closest(ROWS)?.querySelector<HTMLElement>('a[href]')
  const at = now ? links.indexOf(now) + by : by === 1 ? 0 : links.length - 1
  const next = links[Math.min(links.length - 1, Math.max(0, at))]
  next?.focus({ focusVisible: true } as FocusOptions)
  next?.scrollIntoView({ block: 'nearest' })
}

/** Ctrl-K anywhere; `?`, `/`, `j`, `k` and `g` + letter outside of fields. */
export function useShortcuts(open: (what: 'palette' | 'help') => void): void {
  const navigate = useNavigate()
  const may = useMay()
  useEffect(() => {
    let going = -Infinity
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && event.code === 'KeyK') {
        event.preventDefault()
        open('palette')
        return
      }
      const inField = event.target instanceof Element && event.target.closest(FIELDS) !== null
      if (inField || event.ctrlKey || event.metaKey || event.altKey) return
      const letter = event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : ''
      if (event.key === '?' || event.key === '؟') open('help')
      else if (event.key === '/' && may('search.run')) {
        event.preventDefault()
        void navigate({ to: '/search' })
      } else if (letter === 'g') going = event.timeStamp
      else if (letter && event.timeStamp - going < 1_500) {
        const area = openAreas(may).find(({ key }) => key === letter)
        if (area) void navigate({ to: area.to })
        going = -Infinity
      } else if (letter === 'j' || letter === 'k') {
        event.preventDefault()
        stepThroughRows(letter === 'j' ? 1 : -1)
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [navigate, may, open])
}
