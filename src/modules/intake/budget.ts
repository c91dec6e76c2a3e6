/**
 * Bytes that may be under way at once, handed out in the order of asking. What is larger than all of it waits until
 * nothing else is under way, and then goes alone.
 */
export class Budget {
  private readonly most: number
  private used = 0
  private readonly waiting: { bytes: number; go: () => void }[] = []

  constructor(mostBytes: number) {
    this.most = mostBytes
  }

  /** Runs `work` once there is room for so many bytes. */
  async with<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const share = Math.min(bytes, this.most)
    if (this.waiting.length > 0 || this.used + share > this.most)
      await new Promise<void>((go) => this.waiting.push({ bytes: share, go }))
    else this.used += share
    try {
      return await work()
    } finally {
      this.used -= share
      this.admit()
    }
  }

  private admit(): void {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      if (this.used + next.bytes > this.most) return
      this.used += next.bytes
      this.waiting.shift()
      next.go()
    }
  }
}
