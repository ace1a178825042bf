//! The small parts of pages: views without state, for pages, lists and islands alike. This crate is compiled for the
//! server and for the browser.

mod address;
mod badge;
mod choices;
pub mod field;
mod homograph_warning;
pub mod icon;
mod mail_state;
mod no_match;
pub mod offer;
mod pager;
mod person;
mod table;
mod tabs;
pub mod when;

pub use address::Address;
pub use badge::Badge;
pub use choices::{Choice, Choices};
pub use field::FieldError;
pub use homograph_warning::HomographWarning;
pub use icon::{Glyph, Icon};
pub use mail_state::MailStateBadge;
pub use no_match::NoMatch;
pub use offer::{Ends, LifetimeField, RolesField};
pub use pager::Pager;
pub use person::Person;
pub use table::{Column, Table};
pub use tabs::{Tab, Tabs};
pub use vestibule_domain::number::{grouped, plural};
pub use when::{TimeLeft, When, WhenStyle};
