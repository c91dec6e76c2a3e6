import { useInfiniteQuery } from '@tanstack/react-query'
import { call, type Said } from '../app/call.ts'
import type { Pages } from '../app/pages.ts'
import type { Asked } from './asked.ts'

export type Found = Said<'POST /api/search'>

/** Runs what was asked, a page at a time. Each run goes on the access log: nothing is asked again by itself. */
export function useSearchRun(asked: Asked): Pages<Found> & { readonly enabled: boolean } {
  const enabled = asked.query !== ''
  const run = useInfiniteQuery({
    queryKey: ['search', asked],
    enabled,
    staleTime: Infinity,
    retry: false,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) =>
      call('POST /api/search', {
        body: {
          query: asked.query,
          sort: asked.sort,
          limit: 20,
          facets: pageParam === undefined,
          after: pageParam,
        },
      }),
    getNextPageParam: (last) => last.next ?? undefined,
  })
  return {
    enabled,
    pages: run.data?.pages ?? [],
    isPending: run.isPending && enabled,
    error: run.error,
    more: run.hasNextPage ? () => void run.fetchNextPage() : null,
    loadingMore: run.isFetchingNextPage,
    refetch: () => void run.refetch(),
  }
}
