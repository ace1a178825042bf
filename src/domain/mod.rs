//! The vocabulary and the rules, pure: no clock, no database, no HTTP. Compiles for the server and for the browser.

pub mod actor;
pub mod clock;
pub mod email;
pub mod event;
pub mod id;
pub mod invitation;
pub mod listing;
pub mod mail;
pub mod member;
pub mod organization;
pub mod page;
pub mod password;
pub mod recipients;
pub mod role;
pub mod text;
#[cfg(feature = "ssr")]
pub mod token;
pub mod user;
pub mod violation;

pub use actor::Actor;
#[cfg(feature = "ssr")]
pub use clock::SystemClock;
pub use clock::{Clock, Instant, ManualClock};
pub use email::{EmailAddress, EmailRefused};
pub use event::{Change, Event, Fact};
pub use id::{EventId, InvitationId, MailId, MemberId, OrganizationId, RoleId, UserId};
pub use invitation::{Closed, Counts, Invitation, State, Status};
pub use listing::{
    Changed, InvitationDetail, InvitationEdit, InvitationFilter, InvitationList, InvitationRow, Invite, Invited,
    MailCounts, MailDetail, MailFilter, MailList, Offer, Outcome, Step, Whereabouts,
};
pub use mail::{Delivery, Letter, Mail, MailState};
pub use member::Member;
pub use organization::{Organization, Slug};
pub use page::{Cursor, Direction, Page, PageRequest};
pub use role::{Permission, Role};
pub use text::{Message, Name};
pub use user::User;
pub use violation::Violation;
