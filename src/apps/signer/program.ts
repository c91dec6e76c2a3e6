/** The file to fork as the signer's process; beside this one, in the source or in what was built. */
export function signerProgram(): URL {
  return new URL(`./main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)
}
