/** One thing that is not as it must be, and where. */
export interface LogProblem {
  readonly what:
    | 'checkpoint_bad'
    | 'file_missing'
    | 'file_changed'
    | 'root_differs'
    | 'entry_missing'
    | 'entry_changed'
    | 'entry_added'
    | 'entry_reordered'
    | 'entry_dropped'
    | 'key_unknown'
    | 'head_differs'
  readonly index?: number
  readonly entryId?: string
  readonly file?: string
  /** The column that does not say what was signed. */
  readonly column?: string
  readonly detail: string
}

/** Problems named at most; more of them say nothing new. */
const MOST_PROBLEMS = 10_000

/** Gathers problems up to a bound. */
export class Findings {
  readonly problems: LogProblem[] = []
  add(problem: LogProblem): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem)
  }
}
