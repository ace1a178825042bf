//! The number of files that the process may have open. Each connection is one.

/// Raises the limit to the highest that the system allows. Returns the limit that is in force afterwards.
#[cfg(unix)]
pub fn raise() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        // macOS refuses "unlimited"; the limit in force is not changed
        tracing::warn!(error = &error as &dyn std::error::Error, "The limit on open files could not be raised");
    }
    // `None` means unlimited
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Returns a usual limit, for systems that don't tell theirs.
#[cfg(not(unix))]
pub fn raise() -> usize {
    1_024
}
