import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { openAreas } from './areas.ts'
import { useMay } from './session.ts'

const FIELDS = 'input, textarea, select, [contenteditable]'

/** Ctrl-K anywhere; `?`, `/` and `g` + letter outside of fields. */
export function useShortcuts(open: (what: 'palette' | 'help') => void): void {
  const navigate = useNavigate()
  const may = useMay()
  useEffect(() => {
    let going = 0
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
        going = 0
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [navigate, may, open])
}
