//! The composition root: creates the installation from its settings and the router from its surfaces.

use crate::app::{self, AppState};
use crate::config::{Config, ConfigError};
use crate::secret_key::{self, KeyError};
use axum::Router;
use leptos::prelude::LeptosOptions;
use std::{path::Path, sync::Arc};
use vestibule_core::mail::{Mailer, Smtp};
use vestibule_core::service::Vestibule;
use vestibule_domain::{Clock, SystemClock, seal};
use vestibule_store::open::{InspectFor, inspect};
use vestibule_store::private;
use vestibule_store::{Commits, FileLock, Purpose, Store};

/// The reason why the installation can't be opened. The message says which part is wrong and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the database can't be opened: {0}")]
    Store(#[from] vestibule_store::Error),
    #[error(transparent)]
    Database(#[from] vestibule_store::open::OpenDatabaseError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("smtp_url: {0}")]
    Smtp(String),
}

/// Opens the installation with the system clock, to work on it beside a process that serves.
pub async fn open(config: &Config) -> Result<Arc<Vestibule>, OpenError> {
    open_for(InspectFor::Work, config, Arc::new(SystemClock), mailer(config)?).await
}

/// Opens the installation to serve. On SQLite, only one process at a time can do so.
pub async fn open_to_serve(config: &Config) -> Result<Arc<Vestibule>, OpenError> {
    open_for(InspectFor::Serve, config, Arc::new(SystemClock), mailer(config)?).await
}

/// Opens the installation with another clock and mail transport, for `vestibule seed`.
pub async fn open_at(
    config: &Config,
    clock: Arc<dyn Clock>,
    mailer: Option<Mailer>,
) -> Result<Arc<Vestibule>, OpenError> {
    open_for(InspectFor::Work, config, clock, mailer).await
}

/// Opens the installation. Everything is checked before anything is written, so that a rejected installation is not
/// changed.
async fn open_for(
    how: InspectFor,
    config: &Config,
    clock: Arc<dyn Clock>,
    mailer: Option<Mailer>,
) -> Result<Arc<Vestibule>, OpenError> {
    let database_url = config.database_url()?;
    let (found, lock) = inspect(&database_url, how).await?;
    let signing_keys = secret_key::load(config, &database_url, &found)?;
    keep_private(config, &database_url)?;
    // the file was created with its folder just now, so nobody was using it
    let lock = match (lock, Store::file_of(&database_url)) {
        (None, Some(path)) if how == InspectFor::Serve => Some(FileLock::take(path, Purpose::Serve).await?),
        (lock, _) => lock,
    };
    let store = Store::open_with(&database_url, Commits::Grouped, config.database_limits()).await?;
    let signing_keys = match signing_keys {
        Some(signing_keys) => signing_keys,
        None => secret_key::make(config)?,
    };
    store.seals().know(&signing_keys);
    if !store.adopt_key(&seal::key_check(&signing_keys), found.key_check.as_deref(), false, clock.now()).await? {
        return Err(secret_key::wrong(config, &database_url).into());
    }
    if how == InspectFor::Serve {
        store.keep(lock);
    }
    Ok(Arc::new(Vestibule::new(store, clock, signing_keys, config.settings(), mailer)))
}

/// Returns the routes of all surfaces, behind the layers that all of them need.
pub fn router(vestibule: &Arc<Vestibule>) -> Router {
    // an error says that it was set before
    _ = any_spawner::Executor::init_tokio();
    let leptos_options = LeptosOptions::builder()
        .output_name("vestibule")
        .site_pkg_dir(format!("pkg/{}", vestibule_web::site::version()))
        .build();
    let error_page = app::public::error_page::error_page(leptos_options.clone());
    let state =
        AppState { vestibule: Arc::clone(vestibule), leptos_options, vendors: vestibule_facades::vendors().collect() };
    let pages = Router::new()
        .merge(vestibule_web::site::router())
        .merge(app::public::routes(state.clone()))
        .merge(app::acceptance::routes(state.clone()))
        .merge(app::reload::routes(state.clone()))
        .merge(app::functions::routes(state.clone()))
        .merge(app::routes(state));
    let surfaces = vestibule_web::Surfaces {
        pages,
        api: vestibule_api::routes(vestibule),
        facades: vestibule_facades::routers(vestibule),
    };
    vestibule_web::wrap(surfaces, vestibule, error_page)
}

fn mailer(config: &Config) -> Result<Option<Mailer>, OpenError> {
    let url = config.smtp_url()?;
    if !url.is_empty() {
        return Ok(Some(Mailer::Smtp(Smtp::new(&url).map_err(|refused| OpenError::Smtp(refused.to_string()))?)));
    }
    Ok(config.has_mail_dir().then(|| Mailer::Directory(config.mail_dir.clone())))
}

/// Makes the data folder and its files unreadable for other users. A folder belongs to Vestibule if the database or the
/// key is in it. A key in another place is the operator's own, so its permissions are only checked.
fn keep_private(config: &Config, database_url: &str) -> Result<(), OpenError> {
    let (folder, key) = (&config.data_dir, config.secret_key_file());
    let is_in_it = |path: &Path| path.parent() == Some(folder.as_path());
    let ours = [Store::file_of(database_url), Some(key.as_path())];
    let is_ours = ours.into_iter().flatten().any(|path| is_in_it(path) && path.exists());
    private::keep_folder(folder, is_ours).map_err(|error| ConfigError::Unreadable(folder.clone(), error))?;
    for key in std::iter::once(&key).chain(&config.previous_secret_key_files) {
        if is_in_it(key) { private::keep_file(key) } else { private::look_at(key) }
    }
    if config.has_mail_dir() {
        vestibule_core::mail::keep_private(&config.mail_dir)
            .map_err(|error| ConfigError::Unreadable(config.mail_dir.clone(), error))?;
    }
    Ok(())
}
