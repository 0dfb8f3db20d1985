# Completions of hallway for fish: `hallway completions fish` prints this. fish quotes what it inserts.
function __hallway_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    command hallway completions fish -- $words (commandline --current-token --cut-at-cursor | string collect --allow-empty) 2>/dev/null
end
complete --command hallway --no-files --keep-order --arguments '(__hallway_complete)'
