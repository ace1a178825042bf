//! The frame around the portal's pages, and the parts that every page has.

mod failed;
mod shortcuts;
mod nav;
mod page;
mod portal;

pub use failed::Failed;
pub use page::Page;
pub use portal::Portal;
