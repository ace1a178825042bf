//! The vocabulary and the rules, pure: no clock, no database, no HTTP. Compiles for the server and for the browser.

pub mod actor;
pub mod api_key;
pub mod audit;
pub mod bounds;
pub mod chain;
#[cfg(feature = "ssr")]
pub mod client;
pub mod clock;
pub mod email;
#[cfg(feature = "ssr")]
pub mod erasure;
pub mod event;
pub mod id;
pub mod invitation;
pub mod listing;
pub mod mail;
pub mod member;
pub mod metadata;
pub mod organization;
pub mod page;
pub mod password;
pub mod power;
#[cfg(feature = "ssr")]
pub mod rate_limit;
pub mod recipients;
pub mod redirect;
#[cfg(feature = "ssr")]
pub mod replay;
#[cfg(feature = "ssr")]
pub mod request_token;
pub mod resource;
#[cfg(feature = "ssr")]
pub mod restored;
pub mod role;
#[cfg(feature = "ssr")]
pub mod seal;
pub mod seats;
#[cfg(feature = "ssr")]
pub mod slice;
pub mod terms;
pub mod text;
pub mod ticket;
#[cfg(feature = "ssr")]
pub mod token;
pub mod user;
pub mod violation;
pub mod webhook;

pub use actor::Actor;
pub use api_key::{ApiKey, Surface};
pub use audit::{EventFilter, EventList, Subject, Subjects};
pub use chain::{EventHash, Flaw, Head, Verdict};
#[cfg(feature = "ssr")]
pub use clock::SystemClock;
pub use clock::{Clock, Instant, ManualClock};
pub use email::{EmailAddress, EmailRefused};
#[cfg(feature = "ssr")]
pub use erasure::{ErasedPerson, Erasure, ErasureStage, Kept};
pub use event::{Change, Event, Fact};
pub use id::{
    ApiKeyId, AttemptId, DeliveryId, EndpointId, EventId, InvitationId, MailId, MemberId, OrganizationId, ResourceId,
    RestoreId, RoleId, UserId,
};
pub use invitation::{Closed, Counts, Invitation, Inviter, State, Status};
pub use listing::{
    Changed, InvitationDetail, InvitationEdit, InvitationFilter, InvitationList, InvitationRow, Invite, Invited,
    MailCounts, MailDetail, MailFilter, MailList, Offer, Outcome, Step, Uses, Whereabouts,
};
pub use mail::{Delivery, Letter, Mail, MailState, Trying, Urgency};
pub use member::Member;
pub use metadata::{Metadata, Object};
pub use organization::{Organization, Slug};
pub use page::{Begin, Cursor, Direction, Page, PageRequest};
pub use power::{DependentCounts, Dependents, Maker, Power, ResourceLimit, Settled};
#[cfg(feature = "ssr")]
pub use rate_limit::{Exceeded, RateLimit};
pub use redirect::{Locale, Origin, RedirectUrl};
#[cfg(feature = "ssr")]
pub use request_token::RequestToken;
pub use resource::{Label, Resource};
pub use role::{Permission, Role};
#[cfg(feature = "ssr")]
pub use slice::{InvitationView, Slice, SliceOrder, Sliced};
pub use terms::{Difference, Terms};
pub use text::{Message, Name};
pub use ticket::{Arrival, Ticket};
pub use user::User;
pub use violation::Violation;
