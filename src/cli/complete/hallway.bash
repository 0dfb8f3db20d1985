# Completions of hallway for bash: `hallway completions bash` prints this.
_hallway() {
    local reply
    COMPREPLY=()
    if [[ $2 == '~'* ]]; then
        compopt -o default 2>/dev/null
        return 0
    fi
    # A reply is quoted for the place where it goes; here it is only handed on.
    while IFS= read -r reply; do
        COMPREPLY+=("$reply")
    done < <(command hallway completions bash -- "$1" "$2" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -F _hallway hallway
