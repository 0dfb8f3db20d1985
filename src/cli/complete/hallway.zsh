#compdef hallway
# Completions of hallway for zsh: `hallway completions zsh` prints this.
_hallway() {
    local line value
    local -a plain plain_shown open open_shown
    if [[ ${words[CURRENT]} == '~'* ]]; then
        _files
        return
    fi
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        line=${line#*$'\t'}
        # What goes on, a folder or `--flag=`, gets no space behind it.
        if [[ $value == *[/=] ]]; then
            open+=("$value")
            open_shown+=("$value${line:+  -- $line}")
        else
            plain+=("$value")
            plain_shown+=("$value${line:+  -- $line}")
        fi
    done < <(command hallway completions zsh -- "${(@)words[1,CURRENT]}" 2>/dev/null)
    # compadd quotes what it inserts.
    compadd -l -d plain_shown -a plain
    compadd -l -S '' -d open_shown -a open
}
if [[ $funcstack[1] == _hallway ]]; then
    _hallway "$@"
else
    compdef _hallway hallway
fi
