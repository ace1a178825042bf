//! `vestibule adopt-key`

use super::Failed;
use crate::config::Config;
use crate::secret_key;
use crate::server::OpenRefused;
use vestibule_domain::{Clock, SystemClock, seal};
use vestibule_store::{
    Store,
    open::{Look, look},
};

/// Writes down that the database belongs to the key that is there, and seals every chain with it.
pub async fn adopt_key(config: &Config) -> Result<(), Failed> {
    let url = config.database_url()?;
    let (found, lock) = look(&url, Look::Work).await.map_err(OpenRefused::from)?;
    let keys = secret_key::read(config).map_err(OpenRefused::from)?;
    let keys =
        keys.ok_or_else(|| format!("{}: there is no secret key to adopt", config.secret_key_file().display()))?;
    if found.schema.is_none() {
        return Err("there is no database yet; the first start makes one".into());
    }
    let store = Store::open(&url).await?;
    store.seals().know(&keys);
    let is_ours = store.adopt_key(&seal::key_check(&keys), found.key_check.as_deref(), true, SystemClock.now()).await?;
    store.close().await;
    drop(lock);
    if !is_ours {
        return Err(OpenRefused::from(secret_key::wrong(config, &url)).into());
    }
    println!("The database belongs to the key in {} now.", config.secret_key_file().display());
    println!(
        "Links that were made with another key are void: resend open invitations, and have webhooks' secrets replaced."
    );
    Ok(())
}
