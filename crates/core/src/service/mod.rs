//! The use cases of Vestibule. Each of them reads the clock once, then authorizes, loads, changes (by a rule of
//! `domain`), saves and records, all in one transaction. Nothing in this module knows HTTP.

mod acceptance;
mod api_key_secrets;
mod api_keys;
mod audit;
mod authorize;
mod conflict;
mod dependents;
mod erasure;
mod error;
mod etag;
mod feed;
mod held;
mod idempotency;
mod invitations;
mod jobs;
mod letters;
mod member_exports;
mod member_lists;
mod members;
mod organizations;
mod outbox;
mod passwords;
mod personal_data;
mod power;
mod queues;
mod rate_limits;
mod resources;
mod roles;
mod search;
mod secret;
mod sessions;
mod settings;
mod shown_once;
mod sign_in_failures;
pub mod subject;
mod tickets;
mod webhook_deliveries;
mod webhook_endpoints;

pub use acceptance::{AcceptanceSessions, Joined, ShownOffer};
pub use api_keys::NewApiKey;
pub use audit::Batch;
pub use authorize::{KnownKey, Scope};
pub use conflict::{
    AccountConflict, Conflict, InvitationConflict, JobConflict, MailConflict, OrganizationConflict, RequestConflict,
    ResourceConflict, RoleConflict, WebhookConflict,
};
pub use erasure::may_erase;
pub use error::{Busy, Error, NotFound, Result, Shortage};
pub use etag::{OfferETags, etag, etag_of_settings};
pub use held::HeldDecision;
pub use invitations::{Expiry, MAX_RECIPIENTS, NewInvitation, RowOutcome};
pub(crate) use invitations::{expire, remind, schedule_reminder};
pub use jobs::Started;
pub(crate) use letters::Composed;
pub use member_exports::MemberBatch;
pub use member_lists::{MemberList, MemberNames, MembersAfter, NumberedMembers};
pub use members::{MemberDetail, MemberEdit, MemberPage};
pub use organizations::{OrganizationEdit, SetUp};
pub use resources::ResourceEdit;
pub use roles::RoleEdit;
pub use search::Found;
pub use secret::{AcceptanceSessionToken, ApiToken, SessionToken};
pub use sessions::OwnSession;
pub use settings::{MailFromName, Settings};
pub use tickets::ReturnTo;
pub use webhook_deliveries::{WebhookDeliveryDetail, WebhookDeliveryList};
pub use webhook_endpoints::WebhookEndpointEdit;

use crate::mail::{Letters, Mailer};
use crate::webhook::{Destinations, Sender};
use passwords::Passwords;
use rate_limits::RateLimits;
use sign_in_failures::SignInFailures;
use std::{sync::Arc, time::Duration};
use tickets::Signers;
use tokio::sync::watch;
use vestibule_domain::{Clock, Instant, token::SigningKeys};
use vestibule_store::{OpenTx, Snapshot, Store};
use vestibule_telemetry::storing::{Storing, measured};

/// The running installation. Each process has one, shared behind an `Arc`.
pub struct Vestibule {
    pub(crate) store: Store,
    clock: Arc<dyn Clock>,
    pub(crate) signing_keys: SigningKeys,
    settings: Settings,
    /// `None` when no mail server is set up; mails are then read in the outbox
    pub(crate) mailer: Option<Mailer>,
    pub(crate) letters: Letters,
    passwords: Passwords,
    rate_limits: RateLimits,
    sign_in_failures: SignInFailures,
    signers: Signers,
    pub(crate) sender: Sender,
    /// signals that there may be work for the worker, without saying which
    wakes: watch::Sender<()>,
    is_stopping: watch::Sender<bool>,
    last_look: feed::LastLook,
}

impl Vestibule {
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        signing_keys: SigningKeys,
        settings: Settings,
        mailer: Option<Mailer>,
    ) -> Self {
        store.seals().know(&signing_keys);
        let signers = Signers::new(&signing_keys);
        let timeout = Duration::from_secs(settings.webhook_timeout_seconds.get().into());
        let destinations = Destinations::new(&settings.webhook_allow_subnets, settings.public_host());
        Self {
            store,
            clock,
            signing_keys,
            settings,
            mailer,
            letters: Letters::new(),
            passwords: Passwords::new(),
            rate_limits: RateLimits::default(),
            sign_in_failures: SignInFailures::default(),
            signers,
            sender: Sender::new(destinations, timeout),
            wakes: watch::Sender::new(()),
            is_stopping: watch::Sender::new(false),
            last_look: feed::LastLook::default(),
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the present time. Each operation reads it once.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Checks whether a mail server is set up; without one, mails are read in the outbox.
    pub fn has_mail_server(&self) -> bool {
        self.mailer.is_some()
    }

    /// Checks whether the database can be written to, and this process is not about to end.
    pub async fn is_ready(&self) -> bool {
        !self.is_stopping() && self.store.is_ready(self.now()).await
    }

    /// Runs [`Store::write`], converts its errors, and measures it under the name of the use case that calls it.
    pub(crate) async fn write<T>(&self, work: impl AsyncFnOnce(&mut OpenTx) -> Result<T> + Clone) -> Result<T> {
        self.write_for(std::any::type_name_of_val(&work), work).await
    }

    /// Does the same as [`Self::write`] for the use case named by `of`, the type name of a closure.
    pub(crate) async fn write_for<T>(
        &self,
        of: &'static str,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T> + Clone,
    ) -> Result<T> {
        // boxed, because what calls it is moved from layer to layer, and this is as large as all that it may do
        measured(Storing::Write, of, Box::pin(self.store.write(work))).await
    }

    /// Writes something useful but optional: a request that only reads neither waits nor fails when the database can't
    /// be written to at the moment.
    pub(crate) async fn write_if_it_can(
        &self,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<()> + Clone,
    ) -> Result<()> {
        const LIMIT: Duration = Duration::from_millis(100);
        match tokio::time::timeout(LIMIT, self.write(work)).await {
            Err(_) | Ok(Err(Error::Busy(_))) => Ok(()),
            Ok(noted) => noted,
        }
    }

    /// Runs [`Store::read`], converts its errors, and measures it.
    pub(crate) async fn read<T>(&self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T> + Clone) -> Result<T> {
        measured(Storing::Read, std::any::type_name_of_val(&work), Box::pin(self.store.read(work))).await
    }

    /// Runs [`Store::read_one`], converts its errors, and measures it.
    pub(crate) async fn read_one<T>(&self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T> + Clone) -> Result<T> {
        measured(Storing::Read, std::any::type_name_of_val(&work), Box::pin(self.store.read_one(work))).await
    }

    /// Closes the database, after which a SQLite file is complete without its log. No operation works afterwards.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Announces that the process is about to end, so that open feeds are closed.
    pub fn stop(&self) {
        self.is_stopping.send_replace(true);
    }

    pub fn is_stopping(&self) -> bool {
        *self.is_stopping.borrow()
    }

    /// Waits until the process is about to end.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut is_stopping = self.is_stopping.subscribe();
        async move { _ = is_stopping.wait_for(|is_stopping| *is_stopping).await }
    }

    /// Makes the chores look for work now rather than at their next poll. The queues of mails and webhooks hear of each
    /// write from the store.
    pub(crate) fn wake(&self) {
        self.wakes.send_replace(());
    }

    /// Returns a receiver that changes whenever there may be work for a chore.
    pub(crate) fn wakes(&self) -> watch::Receiver<()> {
        self.wakes.subscribe()
    }
}
