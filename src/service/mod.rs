//! What Vestibule does: each use case reads the clock once, authorizes, loads, moves (a rule of `domain`), saves and
//! records, in one transaction. Nothing here knows HTTP.

mod acceptance;
mod api_keys;
mod audit;
mod authorize;
mod deliveries;
mod dependents;
mod error;
mod feed;
mod invitations;
mod letters;
mod members;
mod once;
mod organizations;
mod outbox;
mod passwords;
mod power;
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
pub use error::{Conflict, Error, Missing, Result};
pub use invitations::{Expiry, MAX_RECIPIENTS, NewInvitation, RowOutcome};
pub(crate) use invitations::{expire, remind, schedule_reminder};
pub use members::{MemberDetail, MemberEdit, MemberPage};
pub use organizations::{OrganizationEdit, SetUp};
pub use resources::ResourceEdit;
pub use roles::RoleEdit;
pub use secret::{ApiToken, SessionToken, VisitToken};
pub use settings::Settings;
pub use tickets::Onward;
pub use version::version;
pub use webhooks::WebhookEdit;

use crate::domain::{Clock, Instant, token::Keys};
use crate::mail::{Letters, Mailer};
use crate::store::{Snapshot, Store, Tx};
use crate::webhook::{Destinations, Sender};
use passwords::Passwords;
use rate_limits::RateLimits;
use sign_in_failures::SignInFailures;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tickets::Signers;
use tokio::sync::Notify;

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
    wake: Notify,
    is_stopping: AtomicBool,
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
            wake: Notify::new(),
            is_stopping: AtomicBool::new(false),
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

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.store.is_ready().await
    }

    /// [`Store::write`], failing in the service's words.
    pub(crate) async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T> + Clone) -> Result<T> {
        self.store.write(work).await
    }

    /// [`Store::read`], failing in the service's words.
    pub(crate) async fn read<T>(&self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T>) -> Result<T> {
        self.store.read(work).await
    }

    /// Closes the database, so that a SQLite file alone is whole. Nothing can be asked afterwards.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Says that the process is about to end: whoever listens is let go.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Tells the worker to look now rather than at its next poll.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Returns when `wake` was called since the last time, or is called.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }
}

impl crate::store::Failure for Error {
    fn of_store(&self) -> Option<&crate::store::Error> {
        match self {
            Self::Internal(cause) => cause.downcast_ref(),
            _ => None,
        }
    }
}
