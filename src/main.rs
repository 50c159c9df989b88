//! The program: one expression.

/// Half of what recording and folding did beside their work was the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    testimony::cli::main()
}
