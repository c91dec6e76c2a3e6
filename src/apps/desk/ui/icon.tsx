import type { ReactNode } from 'react'

const PATHS = {
  front: 'M3 9.500 10 4l7 5.500V17H3zM8 17v-5h4v5',
  collections: 'M3 5h5l2 2h7v9H3z',
  sources: 'M10 3v5m0 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM5 17v-2a3 3 0 0 1 3-3h4a3 3 0 0 1 3 3v2M6 4h8',
  intake: 'M10 3v9m0 0 3.500-3.500M10 12 6.500 8.500M3 13v4h14v-4',
  register: 'M5 3h10v14H5zM8 7h4M8 10h4M8 13h2',
  search: 'M9 4a5 5 0 1 1 0 10A5 5 0 0 1 9 4zm3.800 8.800L17 17',
  audit: 'M10 3l6 2.500v4c0 3.500-2.500 6-6 7.500-3.500-1.500-6-4-6-7.500v-4zM7.500 10l2 2 3-4',
  jobs: 'M10 6v4l3 2M10 3a7 7 0 1 1 0 14 7 7 0 0 1 0-14z',
  people:
    'M7.500 4.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM3 16c0-3 2-4.500 4.500-4.500S12 13 12 16M13 5a2.200 2.200 0 0 1 0 4.300M14 11.700c2 .300 3 1.800 3 4.300',
  compartments: 'M4 9h12v8H4zM7 9V6.500a3 3 0 0 1 6 0V9',
  account: 'M10 4a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM4 17c0-3.500 2.500-5 6-5s6 1.500 6 5',
  copy: 'M7 7h9v9H7zM4 13V4h9',
  done: 'M4 10.500 8 14.500 16 5.500',
  wrong: 'M5 5l10 10M15 5 5 15',
  close: 'M5 5l10 10M15 5 5 15',
} as const

export type IconName = keyof typeof PATHS

/** A line drawing that takes the colour of the text; never the only bearer of a meaning. */
export function Icon(props: { name: IconName; size?: number }): ReactNode {
  const size = props.size ?? 18
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.500"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[props.name]} />
    </svg>
  )
}
