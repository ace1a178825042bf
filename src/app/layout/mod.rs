//! The frame around the portal's pages, and what every page is made of.

mod failed;
mod keys;
mod nav;
mod page;
mod portal;

pub use failed::Failed;
pub use page::Page;
pub use portal::Portal;
