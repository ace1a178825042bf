//! The use cases, each on both databases.

mod acceptance;
mod dependents;
mod invitations;
mod limits;
mod members;
mod outbox;
mod sessions;
