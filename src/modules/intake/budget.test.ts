import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { Budget } from './budget.ts'

test('never more bytes at once than the budget, every piece of work runs, in the order of asking', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(150), { maxLength: 30 }), fc.nat(2 ** 30), async (sizes, seed) => {
      const budget = new Budget(100)
      const order: number[] = []
      let inUse = 0
      await Promise.all(
        sizes.map((bytes, no) =>
          budget.with(bytes, async () => {
            order.push(no)
            inUse += Math.min(bytes, 100)
            assert.ok(inUse <= 100)
            for (let turn = 0; turn < (seed >> (no % 8)) % 4; turn++) await setImmediate()
            inUse -= Math.min(bytes, 100)
          }),
        ),
      )
      assert.deepEqual(
        order,
        sizes.map((_, no) => no),
      )
    }),
    { numRuns: 50 },
  )
})

test('work that fails gives its bytes back', async () => {
  const budget = new Budget(10)
  await assert.rejects(
    budget.with(10, () => Promise.reject(new Error('the work failed'))),
    /the work failed/,
  )
  assert.equal(await budget.with(10, () => Promise.resolve('went on')), 'went on')
})
