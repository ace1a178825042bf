//! The store: its two schemas.

mod schema;
