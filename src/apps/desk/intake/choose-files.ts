import type { DropItem } from 'react-aria-components'

/** A file to take in, with the path that it has below what was chosen. */
export interface Chosen {
  readonly path: string
  readonly file: File
}

type Directory = Extract<DropItem, { kind: 'directory' }>

/** Files and whole folders that were dropped, folders walked to their ends. */
export async function fromDrop(items: readonly DropItem[]): Promise<Chosen[]> {
  const chosen: Chosen[] = []
  for (const item of items) {
    if (item.kind === 'file') chosen.push({ path: item.name, file: await item.getFile() })
    else if (item.kind === 'directory') await walk(item, `${item.name}/`, chosen)
  }
  return chosen
}

async function walk(directory: Directory, below: string, chosen: Chosen[]): Promise<void> {
  for await (const entry of directory.getEntries()) {
    if (entry.kind === 'file') chosen.push({ path: below + entry.name, file: await entry.getFile() })
    else await walk(entry, `${below}${entry.name}/`, chosen)
  }
}

/** Files chosen through the browser's dialog; a folder's files carry their path. */
export function fromDialog(files: FileList | null): Chosen[] {
  return [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
}
