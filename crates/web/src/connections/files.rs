//! How many files the process may have open: a connection is one.

/// Raises the limit to the highest that the system allows us. Returns the limit that is in force then.
#[cfg(unix)]
pub fn raise() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        // macOS refuses "without limit"; what is in force stays
        tracing::warn!(error = &error as &dyn std::error::Error, "The limit on open files could not be raised");
    }
    // none is without limit
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Where the system does not say, what is usual elsewhere.
#[cfg(not(unix))]
pub fn raise() -> usize {
    1_024
}
