//! The store: its two schemas.

mod dependents;
mod schema;
