//! The program: everything is in `cli`.

#[cfg(feature = "ssr")]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    vestibule::cli::run().await
}

/// The browser's half has no program.
#[cfg(not(feature = "ssr"))]
fn main() {}
