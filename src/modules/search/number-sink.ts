/** A growing list of 32-bit numbers. */
export class NumberSink {
  numbers = new Int32Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.numbers.length) {
      const grown = new Int32Array(this.length * 2)
      grown.set(this.numbers)
      this.numbers = grown
    }
    this.numbers[this.length++] = value
  }
}
