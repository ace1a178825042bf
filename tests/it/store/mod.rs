//! The store: its two schemas, and what a read promises.

mod dependents;
mod reads;
mod schema;
