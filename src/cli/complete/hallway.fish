# Completions of hallway for fish: `hallway completions fish` prints this. fish quotes what it inserts.
function __hallway_complete
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l token (commandline --current-token --cut-at-cursor)
    # In quotes an empty token is a word, too.
    command hallway completions fish -- $words "$token" 2>/dev/null
end
complete --command hallway --no-files --keep-order --arguments '(__hallway_complete)'
