//! What every surface needs from HTTP, and nothing that names a route of theirs.

pub mod site;
