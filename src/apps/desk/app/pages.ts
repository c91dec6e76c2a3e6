import { useInfiniteQuery } from '@tanstack/react-query'
import { type Asked, call, type Name, type Said } from './call.ts'

/** Routes that answer a page at a time and take the cursor back as `after`. */
export type PagedName = { [N in Name]: Said<N> extends { next: string | null } ? N : never }[Name]

export interface Pages<Page> {
  readonly pages: readonly Page[]
  readonly isPending: boolean
  readonly error: Error | null
  readonly more: (() => void) | null
  readonly loadingMore: boolean
  readonly refetch: () => void
}

/** Reads a list page by page, without a cap; `more` is null on the last page. */
export function usePages<N extends PagedName>(
  name: N,
  bring: Asked<N>[0],
  everyMs: number | false = false,
): Pages<Said<N>> {
  const read = useInfiniteQuery({
    queryKey: [name, 'pages', bring ?? null],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const given = (bring ?? {}) as { query?: Record<string, unknown> }
      const whole = { ...given, query: { ...given.query, after: pageParam } }
      return call(name, ...([whole] as unknown as Asked<N>))
    },
    getNextPageParam: (last) => (last as { next: string | null }).next ?? undefined,
    refetchInterval: everyMs,
  })
  return {
    pages: read.data?.pages ?? [],
    isPending: read.isPending,
    error: read.error,
    more: read.hasNextPage ? () => void read.fetchNextPage() : null,
    loadingMore: read.isFetchingNextPage,
    refetch: () => void read.refetch(),
  }
}
