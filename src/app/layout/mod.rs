//! The frame around the portal's pages, and the parts that every page has.

mod error;
mod nav;
mod page;
mod palette;
mod portal;
mod shortcuts;

pub use error::ErrorPanel;
pub use page::Page;
pub use portal::Portal;
