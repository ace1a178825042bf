//! The components of pages. A file with CSS classes of its own has a style sheet with the same name in
//! `style/component/`. They are rendered on the server only; the components that also run in the browser are in
//! `crates/components`.

pub mod avatar;
pub mod code;
pub mod confirm;
pub mod copy;
pub mod dependents;
pub mod door;
pub mod empty;
pub mod export;
pub mod field;
pub mod flash;
pub mod form_panel;
pub mod key;
pub mod limited_to;
pub mod list;
pub mod permissions;
pub mod qr;
pub mod search;
pub mod submit;
pub mod summary;
pub mod textarea;
pub mod uses;
pub mod wordmark;

pub use avatar::Avatar;
pub use code::Code;
pub use confirm::Confirm;
pub use copy::Copy;
pub use dependents::{CountsNote, DependentsNote, TakeOver};
pub use door::{Door, DoorState};
pub use empty::Empty;
pub use export::{ExportLinks, FormatQuery};
pub use field::{Field, TextBox, TextField};
pub use flash::{Notice, NoticeKind};
pub use form_panel::FormPanel;
pub use key::Key;
pub use limited_to::LimitedTo;
pub use list::{AddButton, PAGE, place};
pub use permissions::{PermissionCount, PermissionList, Permissions};
pub use qr::Qr;
pub use search::{FilterChoice, FilterDays, RoleChoice, Search};
pub use submit::Submit;
pub use summary::Summary;
pub use textarea::Textarea;
pub use vestibule_components::{
    Address, Badge, Column, Glyph, HomographWarning, Icon, MailStateBadge, NoMatch, Pager, Tab, Table, Tabs, When,
    WhenStyle, grouped, plural, when,
};
pub use wordmark::Wordmark;
