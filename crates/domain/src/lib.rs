//! The vocabulary and the rules of Vestibule. Everything in it is pure: no clock, no database, no HTTP. It compiles for
//! the server and for the browser.

pub mod actor;
pub mod api_key;
pub mod audit;
pub mod bounds;
pub mod chain;
pub mod client;
pub mod clock;
pub mod counts;
pub mod cursor_page;
pub mod editable;
pub mod email;
pub mod erasure;
pub mod event;
pub mod id;
pub mod invitation;
pub mod job;
pub mod listing;
pub mod mail;
pub mod member;
pub mod member_query;
pub mod metadata;
pub mod number;
pub mod offset_page;
pub mod organization;
pub mod password;
pub mod power;
pub mod rate_limit;
pub mod recipients;
pub mod redirect;
pub mod replay;
pub mod request_token;
pub mod resource;
pub mod restored;
pub mod role;
pub mod seal;
pub mod search;
pub mod seats;
pub mod terms;
pub mod text;
pub mod ticket;
pub mod token;
pub mod typo;
pub mod undo;
pub mod user;
pub mod violation;
pub mod webhook;

pub use actor::Actor;
pub use api_key::{ApiKey, Surface};
pub use audit::{EventFilter, EventList, Subject, Subjects};
pub use chain::{ChainError, EventHash, Head, Verdict};
pub use clock::SystemClock;
pub use clock::{Clock, Instant, ManualClock};
pub use counts::{Counts, MOST_COUNTED, Total};
pub use cursor_page::{Begin, Cursor, CursorPage, CursorPageRequest, Direction};
pub use editable::Editable;
pub use email::{EmailAddress, EmailError};
pub use erasure::{ErasedPerson, Erasure, ErasureStage, KeptData};
pub use event::{Change, Event, Fact};
pub use id::{
    ActId, ApiKeyId, AttemptId, EventId, InvitationId, JobId, MailId, MemberId, OrganizationId, ResourceId, RestoreId,
    RoleId, UserId, WebhookDeliveryId, WebhookEndpointId,
};
pub use invitation::{Closed, Invitation, Inviter, State, Status};
pub use job::{Job, JobBatch, JobEnd, JobKind, JobOutcome};
pub use listing::{
    AcceptanceStep, BulkOutcome, InvitationDetail, InvitationEdit, InvitationFilter, InvitationList, InvitationRow,
    Invite, InviteOutcome, InviteResult, MailDetail, MailFilter, MailList, MailPreview, Offer, PortalFrame,
    PreviewWarning, RecipientPreview, RecipientStanding, RecipientsPreview, Tally, Uses,
};
pub use mail::{Letter, Mail, MailState, RetrySchedule, SendOutcome, Urgency};
pub use member::Member;
pub use member_query::{MemberQuery, MemberSort, RolesHeld};
pub use metadata::{Metadata, Object};
pub use offset_page::{InvitationView, OffsetPage, OffsetPageOrder, OffsetPageRequest};
pub use organization::{Organization, Slug};
pub use power::{DependentChanges, DependentCounts, Dependents, Maker, Power, ResourceLimit};
pub use rate_limit::{Exceeded, RateLimit};
pub use redirect::{Locale, Origin, RedirectUrl};
pub use request_token::RequestToken;
pub use resource::{Label, Resource};
pub use role::{Permission, Role};
pub use search::SearchWord;
pub use terms::{Difference, Terms};
pub use text::{Message, Name};
pub use ticket::{AcceptanceKind, Ticket};
pub use undo::{ActRecord, Changeable, NotUndone, UndoOutcome, UndoResult, UndoableAct, Undone, UndoneChange};
pub use user::User;
pub use violation::Violation;
