//! `vestibule migrate`

use super::Failed;
use crate::config::Config;
use crate::server::OpenRefused;
use vestibule_store::Store;
use vestibule_store::open::{Look, look};

/// Brings the tables up to date, and makes them where there are none: for a new installation with a key from before, this
/// says that its database is not lost.
pub async fn migrate(config: &Config) -> Result<(), Failed> {
    let url = config.database_url()?;
    let (_, lock) = look(&url, Look::Work).await.map_err(OpenRefused::from)?;
    let store = Store::open(&url).await?;
    store.close().await;
    drop(lock);
    println!("The database is up to date.");
    Ok(())
}
