//! The entry point of the program; everything else is in `cli`.

/// It makes a page with a fifth less CPU than the system's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // each thread keeps memory of its own, and those beside the workers have something to do for a moment only
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.enable_all().thread_keep_alive(std::time::Duration::from_millis(100)).build() {
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
