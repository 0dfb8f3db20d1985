# What developers type; `just` alone lists it.

[private]
default:
    @just --list

# What CI runs.
ci:
    ./.ci/run

# Tests; with the real collections where HALLWAY_CORPORA names their folder.
test *ARGS:
    cargo test {{ARGS}}

# Formatting and lints, as CI wants them.
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Write the expected records of the format cases anew; read the diff.
bless:
    HALLWAY_BLESS=1 cargo test --test it

bench *ARGS:
    cargo bench {{ARGS}}
