/**
 * Gathers what comes while a group is under way into the next one: one transaction for many small files, no wait
 * for a single one. One group runs at a time; order is kept.
 */
export class Grouped<Item, Result> {
  private readonly run: (items: readonly Item[]) => Promise<readonly Result[]>
  private readonly most: number
  private waiting: { item: Item; done: (result: Result) => void; failed: (error: unknown) => void }[] = []
  private busy = false

  /** `run`: answers in the order of its items; `most`: items in a group. */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>, most: number) {
    this.run = run
    this.most = most
  }

  add(item: Item): Promise<Result> {
    return new Promise((done, failed) => {
      this.waiting.push({ item, done, failed })
      if (!this.busy) void this.drain()
    })
  }

  private async drain(): Promise<void> {
    this.busy = true
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, this.most)
      try {
        const results = await this.run(group.map((one) => one.item))
        for (const [at, one] of group.entries()) one.done(results[at] as Result)
      } catch (error) {
        if (group.length === 1) group[0]?.failed(error)
        else await this.oneByOne(group) // one that cannot be stored must not cost the others
      }
    }
    this.busy = false
  }

  private async oneByOne(group: typeof this.waiting): Promise<void> {
    for (const one of group) {
      try {
        const [result] = await this.run([one.item])
        one.done(result as Result)
      } catch (error) {
        one.failed(error)
      }
    }
  }
}
