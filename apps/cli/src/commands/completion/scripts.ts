/** What a shell evaluates. Both call the program itself, so that they are always up to date. */
export const SCRIPTS = {
  bash: `_patchpoint() {
  local IFS=$'\\n'
  COMPREPLY=($(patchpoint __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _patchpoint patchpoint
`,
  zsh: `#compdef patchpoint
_patchpoint() {
  local -a found
  found=("\${(@f)$(patchpoint __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _patchpoint patchpoint
`,
} as const;
