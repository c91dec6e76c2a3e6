import { spawnSync } from 'node:child_process'

/**
 * How PostgreSQL's programs are started on this machine.
 *
 * PostgreSQL refuses to run as root. A root user (a container's usual one) runs it in a user namespace
 * in which root is mapped to another id: file access stays root's, so folders of mode 0700 work.
 * Where namespaces are denied, it runs as `nobody`, which needs folders that `nobody` can reach.
 */
export interface Runner {
  readonly how: 'plain' | 'namespace' | 'nobody'
  wrap(
    program: string,
    args: readonly string[],
  ): { command: string; args: string[]; uid?: number; gid?: number }
}

const NOBODY = 65534

/** Chooses the way that works here; asks the system once. */
export function chooseRunner(): Runner {
  if (process.getuid?.() !== 0)
    return { how: 'plain', wrap: (program, args) => ({ command: program, args: [...args] }) }
  const probe = spawnSync('unshare', ['-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, 'true'])
  if (probe.status === 0) {
    const flags = ['-U', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--']
    return {
      how: 'namespace',
      wrap: (program, args) => ({ command: 'unshare', args: [...flags, program, ...args] }),
    }
  }
  return {
    how: 'nobody',
    wrap: (program, args) => ({ command: program, args: [...args], uid: NOBODY, gid: NOBODY }),
  }
}
