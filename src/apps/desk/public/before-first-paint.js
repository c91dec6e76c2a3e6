// Sets language, direction and theme before anything is drawn, so that nothing flashes. Runs before the desk's code.
;(function () {
  const root = document.documentElement
  let kept = {}
  try {
    kept = JSON.parse(localStorage.getItem('amanat.preferences') || '{}')
  } catch (unreadable) {
    kept = { unreadable: String(unreadable) }
  }
  const language = kept.language || (/^(fa|prs|ps)/.test(navigator.language) ? 'prs' : 'en')
  root.lang = language === 'prs' ? 'fa-AF' : 'en'
  root.dir = language === 'prs' ? 'rtl' : 'ltr'
  if (kept.theme === 'light' || kept.theme === 'dark') root.dataset.theme = kept.theme
})()
