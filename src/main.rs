//! The `dlint` command: hand the arguments to the library, return its exit status.

fn main() -> std::process::ExitCode {
    dlint::cli::main()
}
