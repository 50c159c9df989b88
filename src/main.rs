//! The binary's entry point, which calls the library's command line.

/// The system allocator took half of the overhead of recording and folding.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    testimony::cli::main()
}
