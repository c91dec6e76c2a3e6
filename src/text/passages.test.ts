import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LONGEST_PASSAGE, splitPassages } from './passages.ts'

const words = fc.array(fc.constantFrom('حق', 'word', '\n\n', '\n', '. ', '。', ' ', '\t', '😀'.repeat(900)), {
  maxLength: 400,
})

test('passages cover every letter once, in order, within their bound', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 4 }), (parts) => {
      const labelled = parts.map((part, i) => ({ label: `page ${i + 1}`, text: part.join('') }))
      const whole = labelled.map((part) => part.text).join('\n')
      let covered = 0
      for (const passage of splitPassages(labelled)) {
        assert.ok(
          passage.start >= covered && passage.text.length <= LONGEST_PASSAGE && passage.text.trim() !== '',
        )
        assert.equal(passage.text, whole.slice(passage.start, passage.end))
        assert.equal(whole.slice(covered, passage.start).trim(), '')
        assert.doesNotThrow(() => encodeURIComponent(passage.text), 'no half of a surrogate pair')
        covered = passage.end
      }
      assert.equal(whole.slice(covered).trim(), '')
    }),
  )
})

test('a passage ends with its paragraph and keeps its label', () => {
  const paragraph = 'یک جمله کوتاه است. '.repeat(60).trim()
  const passages = splitPassages([{ label: 'page 1', text: `${paragraph}\n\n${paragraph}\n\n${paragraph}` }])
  assert.deepEqual(
    passages.map((passage) => passage.text),
    [paragraph, paragraph, paragraph],
  )
  assert.ok(passages.every((passage) => passage.label === 'page 1'))
})
