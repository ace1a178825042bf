//! The entry point of the program; everything else is in `cli`.

/// It makes a page with a fifth less CPU than the system's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("vestibule: {error}");
            return std::process::ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(vestibule::cli::run());
    // looking up a host name for a webhook may take a minute, and nobody waits for the result any more
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    code
}
