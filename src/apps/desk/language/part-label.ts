import { useWord } from './translate.ts'

const LABEL = /^(page|slide|sheet|message|part|chapter|note|row|table|body|name|text)( .*)?$/

/** Where a passage stands (`page 3`, `body`), as readers of files name it, in the reader's language. */
export function usePartLabel(): (label: string) => string {
  const word = useWord()
  return (label) => {
    const [, kind, rest = ''] = LABEL.exec(label) ?? []
    return kind ? `${word('partLabel', kind)}${rest}` : label
  }
}
