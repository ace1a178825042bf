//! `vestibule migrate`

use super::CliError;
use crate::config::Config;
use crate::server::OpenError;
use vestibule_store::Store;
use vestibule_store::open::{InspectFor, inspect};

/// Brings the tables up to date, and creates them in an empty database. For a new installation with an existing key,
/// this confirms that its database was not lost.
pub async fn migrate(config: &Config) -> Result<(), CliError> {
    let url = config.database_url()?;
    let (_, lock) = inspect(&url, InspectFor::Work).await.map_err(OpenError::from)?;
    let store = Store::open(&url).await?;
    store.close().await;
    drop(lock);
    println!("The database is up to date.");
    Ok(())
}
