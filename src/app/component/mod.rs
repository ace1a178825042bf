//! What pages are made of. Each file has a style sheet of the same name in `style/component/`. They are rendered on the
//! server; the few that also live in the browser are marked `#[island]`.

pub mod address;
pub mod avatar;
pub mod badge;
pub mod code;
pub mod copy;
#[cfg(feature = "ssr")]
pub mod dependents;
pub mod door;
pub mod empty;
pub mod field;
pub mod flash;
pub mod icon;
pub mod key;
pub mod limited_to;
pub mod look_twice;
pub mod mail_state;
pub mod number;
pub mod pager;
pub mod permissions;
pub mod person;
pub mod search;
pub mod submit;
pub mod summary;
pub mod textarea;
pub mod typed;
pub mod uses;
pub mod when;
pub mod wordmark;

pub use address::Address;
pub use avatar::Avatar;
pub use badge::Badge;
pub use code::Code;
pub use copy::Copy;
#[cfg(feature = "ssr")]
pub use dependents::{CountsNote, DependentsNote, TakeOver};
pub use door::{Door, DoorState};
pub use empty::Empty;
pub use field::{Field, TextField};
pub use flash::{Notice, Tone};
pub use icon::{Glyph, Icon};
pub use key::Key;
pub use limited_to::LimitedTo;
pub use look_twice::LookTwice;
pub use mail_state::MailStateMark;
pub use number::{grouped, plural};
pub use pager::Pager;
pub use permissions::{PermissionCount, Permissions};
pub use person::Person;
pub use search::{RoleChoice, Search};
pub use submit::Submit;
pub use summary::Summary;
pub use textarea::Textarea;
pub use when::{TimeLeft, When, WhenStyle};
pub use wordmark::Wordmark;
