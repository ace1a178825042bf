//! The frames around pages.

mod actions;
mod keys;
pub mod live;
mod nav;
mod page;
mod portal;
mod room;

pub use page::Page;
pub use portal::{Portal, use_whereabouts};
pub use room::Room;
