//! The program: one expression.

fn main() -> std::process::ExitCode {
    testimony::cli::main()
}
