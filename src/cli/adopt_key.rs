//! `vestibule adopt-key`

use super::CliError;
use crate::config::Config;
use crate::secret_key;
use crate::server::OpenError;
use vestibule_domain::{Clock, SystemClock, seal};
use vestibule_store::{
    Store,
    open::{InspectFor, inspect},
};

/// Records that the database belongs to the current secret key, and seals every chain with it. Links and webhook
/// secrets that were made with another key stop working. Fails when there is no key or no database.
pub async fn adopt_key(config: &Config) -> Result<(), CliError> {
    let url = config.database_url()?;
    let (found, lock) = inspect(&url, InspectFor::Work).await.map_err(OpenError::from)?;
    let signing_keys = secret_key::read(config).map_err(OpenError::from)?;
    let signing_keys = signing_keys.ok_or_else(|| {
        format!("{}: there is no secret key to adopt. Put one there first", config.secret_key_file().display())
    })?;
    if found.schema.is_none() {
        return Err("there is no database yet; `vestibule serve` creates one at its first start".into());
    }
    let store = Store::open(&url).await?;
    store.seals().know(&signing_keys);
    let is_ours =
        store.adopt_key(&seal::key_check(&signing_keys), found.key_check.as_deref(), true, SystemClock.now()).await?;
    store.close().await;
    drop(lock);
    if !is_ours {
        return Err(OpenError::from(secret_key::wrong(config, &url)).into());
    }
    println!("The database now belongs to the key in {}.", config.secret_key_file().display());
    println!(
        "Links that were made with another key no longer work: resend open invitations, and replace the secrets of webhooks."
    );
    Ok(())
}
