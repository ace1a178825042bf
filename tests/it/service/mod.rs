//! The use cases, each on both databases.

mod acceptance;
mod invitations;
mod members;
mod outbox;
mod sessions;
