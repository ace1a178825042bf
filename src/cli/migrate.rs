//! `vestibule migrate`

use super::Failed;
use crate::{config::Config, store::Store};

pub async fn migrate(config: &Config) -> Result<(), Failed> {
    Store::open(&config.database_url()?).await?;
    println!("The database is up to date.");
    Ok(())
}
