/**
 * Every refusal's HTTP status and the command line's exit code; modules know neither.
 *
 * Exit codes: 0 done; 1 fault; 2 wrong use; 3 refused; 4 done in part (some files failed); 5 integrity failed;
 * 6 not signed in; 7 the desk could not be reached or started.
 */
export const REFUSALS = {
  not_found: { status: 404, exit: 3 },
  not_signed_in: { status: 401, exit: 6 },
  not_permitted: { status: 403, exit: 3 },
  second_factor_needed: { status: 401, exit: 6 },
  sign_in_failed: { status: 401, exit: 6 },
  too_many_tries: { status: 429, exit: 6 },
  link_used_up: { status: 410, exit: 3 },
  host_unknown: { status: 421, exit: 7 },
  unmarked_request: { status: 403, exit: 3 },
  no_such_route: { status: 404, exit: 2 },
  fault: { status: 500, exit: 1 },
  invalid_input: { status: 400, exit: 2 },
  too_large: { status: 413, exit: 3 },
  conflict: { status: 409, exit: 3 },
  two_people_needed: { status: 409, exit: 3 },
  config_invalid: { status: 500, exit: 2 },
  port_occupied: { status: 500, exit: 7 },
  desk_unreachable: { status: 503, exit: 7 },
  desk_running: { status: 409, exit: 3 },
  database_lost: { status: 503, exit: 7 },
  disk_full: { status: 507, exit: 7 },
  postgres_missing: { status: 500, exit: 7 },
  postgres_start: { status: 500, exit: 7 },
  postgres_version: { status: 500, exit: 7 },
  migration_changed: { status: 500, exit: 7 },
  migration_newer: { status: 500, exit: 7 },
  socket_folder: { status: 500, exit: 7 },
} as const satisfies Record<string, { status: number; exit: number }>

export type RefusalCode = keyof typeof REFUSALS
