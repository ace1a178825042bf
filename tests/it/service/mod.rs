//! The use cases, each on both databases.

mod acceptance;
mod counts;
mod dependents;
mod invitations;
mod jobs;
mod limits;
mod member_lists;
mod members;
mod outbox;
mod preview;
mod search;
mod sessions;
mod undo;
