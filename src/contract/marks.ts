/**
 * Sent by the desk with every request that changes something. A page of another site cannot send it without
 * being asked for permission first, which the server never gives: together with the same-origin check this is
 * the guard against forged requests. The command line and tokens need no mark.
 */
export const MARK_HEADER = 'x-amanat'
export const MARK_VALUE = 'desk'
