//! The composition root: makes the installation from its settings, the router from its surfaces, and runs both.

use crate::api;
use crate::app::{self, AppState};
use crate::config::{Config, ConfigRefused};
use crate::domain::{Clock, SystemClock, token::Keys};
use crate::facade;
use crate::http;
use crate::mail::{Mailer, Smtp};
use crate::private;
use crate::service::Vestibule;
use crate::store::{Commits, Store};
use axum::{Router, middleware::from_fn_with_state};
use base64::{Engine, engine::general_purpose::STANDARD};
use leptos::prelude::LeptosOptions;
use std::{io::Write, path::Path, sync::Arc};

/// Why the installation cannot be opened. Says which part, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenRefused {
    #[error(transparent)]
    Config(#[from] ConfigRefused),
    #[error("the database cannot be opened: {0}")]
    Store(#[from] crate::store::Error),
    #[error("the secret key {0}: {1}")]
    Key(String, String),
    #[error("smtp_url: {0}")]
    Smtp(String),
}

/// Opens the installation with the machine's clock.
pub async fn open(config: &Config) -> Result<Arc<Vestibule>, OpenRefused> {
    open_at(config, Arc::new(SystemClock), mailer(config)?).await
}

/// Opens it with another clock and another way for mail: for `vestibule seed`.
pub async fn open_at(
    config: &Config,
    clock: Arc<dyn Clock>,
    mailer: Option<Mailer>,
) -> Result<Arc<Vestibule>, OpenRefused> {
    let database_url = config.database_url()?;
    keep_private(config, &database_url)?;
    let store = Store::open_with(&database_url, Commits::Grouped, config.database_limits()).await?;
    let keys = keys(config, &store).await?;
    Ok(Arc::new(Vestibule::new(store, clock, keys, config.settings(), mailer)))
}

/// The portal's pages that show a link, or a letter with one or with a code. The pages for strangers (acceptance,
/// passwords, set-up) are all about secrets and are never compressed.
const WITH_LINKS: &[&str] = &[
    "/o/{slug}/invitations/{id}",
    "/o/{slug}/outbox/{id}",
    "/o/{slug}/keys/new",
    "/o/{slug}/connect/{surface}",
    "/o/{slug}/webhooks/new",
    "/o/{slug}/webhooks/{id}/rotate",
];

/// Every route of every surface, behind the layers that all of them need.
pub fn router(vestibule: &Arc<Vestibule>) -> Router {
    let leptos_options = LeptosOptions::builder()
        .output_name("vestibule")
        .site_pkg_dir(format!("pkg/{}", http::site::version()))
        .build();
    let face = app::public::failure::face(leptos_options.clone());
    let state = AppState { vestibule: Arc::clone(vestibule), leptos_options, vendors: facade::vendors().collect() };
    let pages = Router::new()
        .merge(http::site::router())
        .merge(app::public::routes(state.clone()))
        .merge(app::acceptance::routes(state.clone()))
        .merge(app::routes(state).layer(from_fn_with_state(WITH_LINKS, http::compression::allow)));
    let surfaces = http::Surfaces { pages, api: api::routes(vestibule), facades: facade::routers(vestibule) };
    http::wrap(surfaces, vestibule, face)
}

fn mailer(config: &Config) -> Result<Option<Mailer>, OpenRefused> {
    let url = config.smtp_url()?;
    if !url.is_empty() {
        return Ok(Some(Mailer::Smtp(Smtp::new(&url).map_err(|refused| OpenRefused::Smtp(refused.to_string()))?)));
    }
    Ok(config.has_mail_dir().then(|| Mailer::Directory(config.mail_dir.clone())))
}

/// The data folder and what is in it are for nobody else to read. A folder is known as ours by the database or the key
/// in it. A key that lies elsewhere is the operator's own, and only looked at.
fn keep_private(config: &Config, database_url: &str) -> Result<(), OpenRefused> {
    let (folder, key) = (&config.data_dir, config.secret_key_file());
    let is_in_it = |path: &Path| path.parent() == Some(folder.as_path());
    let ours = [Store::file_of(database_url), Some(key.as_path())];
    let is_ours = ours.into_iter().flatten().any(|path| is_in_it(path) && path.exists());
    private::keep_folder(folder, is_ours).map_err(|error| ConfigRefused::Unreadable(folder.clone(), error))?;
    for key in std::iter::once(&key).chain(&config.previous_secret_key_files) {
        if is_in_it(key) { private::keep_file(key) } else { private::look_at(key) }
    }
    if config.has_mail_dir() {
        crate::mail::keep_private(&config.mail_dir)
            .map_err(|error| ConfigRefused::Unreadable(config.mail_dir.clone(), error))?;
    }
    Ok(())
}

/// The key is made at the first start only: a new one beside old data would void every open link without a word.
async fn keys(config: &Config, store: &Store) -> Result<Keys, OpenRefused> {
    let path = config.secret_key_file();
    let refused = |reason: &str| OpenRefused::Key(path.display().to_string(), reason.to_owned());
    let current = match read_key(&path)? {
        Some(key) => key,
        None if store.read(async |tx| tx.has_users().await).await? => {
            return Err(refused(
                "is missing, and the database has been used with one. Put the file back from the backup; \
                 or, to void all open links, write 32 random bytes in base64 there (head -c 32 /dev/urandom | base64)",
            ));
        }
        None => make_key(&path).map_err(|error| refused(&error.to_string()))?,
    };
    let mut previous = Vec::new();
    for path in &config.previous_secret_key_files {
        let missing =
            || OpenRefused::Key(path.display().to_string(), "is missing; previous_secret_key_files names it".into());
        previous.push(read_key(path)?.ok_or_else(missing)?);
    }
    Ok(Keys::new(current, previous))
}

fn read_key(path: &Path) -> Result<Option<[u8; 32]>, OpenRefused> {
    let refused = |reason: String| OpenRefused::Key(path.display().to_string(), reason);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(error.to_string())),
    };
    let key = STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
    key.map(Some).ok_or_else(|| refused("does not hold 32 bytes in base64".into()))
}

/// Readable by its owner alone; of two processes that start together, one makes it and both read it.
fn make_key(path: &Path) -> std::io::Result<[u8; 32]> {
    let mut key = [0; 32];
    rand::fill(&mut key);
    let mut file = private::make_file(path)?;
    file.write_all(STANDARD.encode(key).as_bytes())?;
    file.sync_all()?;
    Ok(key)
}
