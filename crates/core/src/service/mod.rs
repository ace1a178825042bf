//! What Vestibule does: each use case reads the clock once, authorizes, loads, moves (a rule of `domain`), saves and
//! records, in one transaction. Nothing here knows HTTP.

mod acceptance;
mod api_keys;
mod audit;
mod authorize;
mod deliveries;
mod dependents;
mod erasure;
mod error;
mod feed;
mod held;
mod invitations;
mod letters;
mod members;
mod once;
mod organizations;
mod outbox;
mod passwords;
mod personal_data;
mod power;
mod queues;
mod rate_limits;
mod resources;
mod roles;
mod secret;
mod sessions;
mod settings;
mod sign_in_failures;
mod signing;
mod tickets;
mod version;
mod webhooks;

pub use acceptance::{Seen, Visits};
pub use api_keys::NewApiKey;
pub use audit::Batch;
pub use authorize::Scope;
pub use deliveries::{DeliveryDetail, DeliveryList};
pub use erasure::may_erase;
pub use error::{Busy, Conflict, Error, Missing, Result, Shortage};
pub use held::Word;
pub use invitations::{Expiry, MAX_RECIPIENTS, NewInvitation, RowOutcome};
pub(crate) use invitations::{expire, remind, schedule_reminder};
pub(crate) use letters::Composed;
pub use members::{MemberDetail, MemberEdit, MemberPage};
pub use organizations::{OrganizationEdit, SetUp};
pub use resources::ResourceEdit;
pub use roles::RoleEdit;
pub use secret::{ApiToken, SessionToken, VisitToken};
pub use settings::Settings;
pub use tickets::Onward;
pub use version::version;
pub use webhooks::WebhookEdit;

use crate::mail::{Letters, Mailer};
use crate::webhook::{Destinations, Sender};
use passwords::Passwords;
use rate_limits::RateLimits;
use sign_in_failures::SignInFailures;
use std::{sync::Arc, time::Duration};
use tickets::Signers;
use tokio::sync::watch;
use vestibule_domain::{Clock, Instant, token::Keys};
use vestibule_store::{OpenTx, Snapshot, Store};
use vestibule_telemetry::storing::{Storing, measured};

/// The running installation. One for each process, shared behind an `Arc`.
pub struct Vestibule {
    pub(crate) store: Store,
    clock: Arc<dyn Clock>,
    pub(crate) keys: Keys,
    settings: Settings,
    /// none: no mail server is set up, and mail is read in the outbox
    pub(crate) mailer: Option<Mailer>,
    pub(crate) letters: Letters,
    passwords: Passwords,
    rate_limits: RateLimits,
    sign_in_failures: SignInFailures,
    signers: Signers,
    pub(crate) sender: Sender,
    /// says that there may be work for the worker; never holds it
    wakes: watch::Sender<()>,
    is_stopping: watch::Sender<bool>,
}

impl Vestibule {
    pub fn new(store: Store, clock: Arc<dyn Clock>, keys: Keys, settings: Settings, mailer: Option<Mailer>) -> Self {
        store.seals().know(&keys);
        let signers = Signers::new(&keys);
        let timeout = Duration::from_secs(settings.webhook_timeout_seconds.get().into());
        let destinations = Destinations::new(&settings.webhook_allow_subnets, settings.public_host());
        Self {
            store,
            clock,
            keys,
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
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// One reading for each operation.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Whether mail goes to a server; without one it is read in the outbox.
    pub fn has_mail_server(&self) -> bool {
        self.mailer.is_some()
    }

    /// Whether the database keeps what it is given, and this process is not about to end.
    pub async fn is_ready(&self) -> bool {
        !self.is_stopping() && self.store.is_ready(self.now()).await
    }

    /// [`Store::write`], failing in the service's words.
    pub(crate) async fn write<T>(&self, work: impl AsyncFnOnce(&mut OpenTx) -> Result<T> + Clone) -> Result<T> {
        self.write_for(std::any::type_name_of_val(&work), work).await
    }

    /// [`Self::write`] for the use case that the name of this closure's type tells.
    pub(crate) async fn write_for<T>(
        &self,
        of: &'static str,
        work: impl AsyncFnOnce(&mut OpenTx) -> Result<T> + Clone,
    ) -> Result<T> {
        measured(Storing::Write, of, self.store.write(work)).await
    }

    /// Writes what would be good to know and is not needed: who only reads is not refused, and does not wait, because
    /// nothing can be written at this moment.
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

    /// [`Store::read`], failing in the service's words.
    pub(crate) async fn read<T>(&self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T> + Clone) -> Result<T> {
        measured(Storing::Read, std::any::type_name_of_val(&work), self.store.read(work)).await
    }

    /// Closes the database, so that a SQLite file alone is whole. Nothing can be asked afterwards.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Says that the process is about to end: whoever listens is let go.
    pub fn stop(&self) {
        self.is_stopping.send_replace(true);
    }

    pub fn is_stopping(&self) -> bool {
        *self.is_stopping.borrow()
    }

    /// Returns when the process is about to end.
    pub fn stopping(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut is_stopping = self.is_stopping.subscribe();
        async move { _ = is_stopping.wait_for(|is_stopping| *is_stopping).await }
    }

    /// Tells the worker to look now rather than at its next poll.
    pub(crate) fn wake(&self) {
        self.wakes.send_replace(());
    }

    /// Changes whenever there may be work for the worker.
    pub(crate) fn wakes(&self) -> watch::Receiver<()> {
        self.wakes.subscribe()
    }
}
