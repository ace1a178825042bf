//! The program: everything is in `cli`.

fn main() -> std::process::ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("vestibule: {error}");
            return std::process::ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(vestibule::cli::run());
    // a name that the system looks up for a webhook may take a minute, and nobody waits for it any more
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    code
}
