//! The `hallway` command.

mod cli;

/// Queries and parsers make many small allocations: it takes a tenth off their time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
