/**
 * The tag by which browsers know a recognised language: `eng` → `en`, `prs` → `fa-AF`. Undefined where the
 * language was not recognised, so that a passage is read out in the page's own voice rather than a wrong one.
 */
export function passageLanguage(language: string | null | undefined): string | undefined {
  if (!language || language === 'und' || !/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language))
    return undefined
  return Intl.getCanonicalLocales(language)[0]
}
