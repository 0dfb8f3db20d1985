# Completions of hallway for elvish: `hallway completions elvish` prints this. elvish quotes what it inserts.
set edit:completion:arg-completer[hallway] = {|@words|
    (external hallway) completions elvish -- $@words 2>/dev/null | from-lines
}
