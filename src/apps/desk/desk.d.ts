declare module 'virtual:messages/en' {
  export const messages: Record<string, import('@lingui/message-utils/compileMessage').CompiledMessage>
}
declare module 'virtual:messages/prs' {
  export const messages: Record<string, import('@lingui/message-utils/compileMessage').CompiledMessage>
}
