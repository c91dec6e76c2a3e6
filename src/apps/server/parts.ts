/** One thing that must work for the desk to work. `check` answers in plain words, or throws why it does not. */
export interface HealthProbe {
  readonly name: string
  check(): Promise<string>
}

/** What the composition root gives to handlers beside the desk. */
export interface Parts {
  readonly health: readonly HealthProbe[]
  /** Where people reach the desk: for links and for passkeys. */
  readonly publicUrl: () => URL
  /** The token that the socket in the desk's folder asks for. */
  readonly operatorToken: string
  /** Aborted when the server begins to stop: streams of events end at once, other calls may finish. */
  readonly closing: AbortSignal
  /** The built web desk, or null where there is none. */
  readonly deskFolder: string | null
}
