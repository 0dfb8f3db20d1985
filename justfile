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
    HALLWAY_BLESS=1 TRYCMD=overwrite cargo test --test it

# The long forms of the reliability tests: an hour or so on two cores. The figures are for docs/reliability.md.
soak:
    HALLWAY_SOAK=1 cargo test --release --features faults --test reliability -- --nocapture --test-threads 2 | tee target/soak.txt
    grep '^soak |' target/soak.txt

# Times beside those of raw tantivy: `just bench --bench search`. HALLWAY_BENCH_SIZES and HALLWAY_BENCH_DOCS choose the input.
bench *ARGS:
    cargo bench {{ARGS}}

# hallway, raw tantivy, SQLite and ripgrep over the documents of a JSON Lines file; FOLDER is kept.
peers DOCS FOLDER *ARGS:
    cargo build --release --bin hallway --example raw
    python3 benches/peers.py {{DOCS}} {{FOLDER}} {{ARGS}}
