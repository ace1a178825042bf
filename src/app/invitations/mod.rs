//! The Invitations area: the list, inviting, and one invitation with all that happened to it.

mod actions;
mod asked;
mod edit;
#[cfg(feature = "ssr")]
mod feed;
mod filters;
#[cfg(feature = "ssr")]
pub mod forms;
mod index;
mod new;
mod offer;
mod results;
mod revoke;
mod row;
mod show;
mod timeline;

pub use edit::Edit;
pub use index::Index;
pub use new::New;
pub use revoke::{Revoke, RevokeMany};
pub use show::Show;
