//! What the outbox's pages read.

use crate::app::failure::Failure;
use crate::domain::{MailDetail, MailList, MailState};
use leptos::prelude::*;

/// Mails on a page.
#[cfg(feature = "ssr")]
const PAGE: u32 = 50;

/// A page of the outbox, the newest first. `text` is part of an address; empty finds all.
#[server]
pub async fn outbox(
    slug: String,
    state: Option<MailState>,
    text: String,
    cursor: Option<String>,
) -> Result<MailList, Failure> {
    use crate::app::context::{failed, scope, vestibule};
    let filter = crate::domain::MailFilter { state, text: Some(text).filter(|text| !text.trim().is_empty()) };
    let (vestibule, scope) = (vestibule(), scope(&slug).await?);
    vestibule.outbox(&scope, &filter, cursor.as_deref(), PAGE).await.map_err(failed)
}

/// The mail of this id, which may be anything that stands in an address.
#[server]
pub async fn mail(slug: String, id: String) -> Result<MailDetail, Failure> {
    use crate::app::context::{failed, scope, vestibule};
    use crate::service::{Error, Missing};
    let (vestibule, scope) = (vestibule(), scope(&slug).await?);
    let id = id.parse().map_err(|_| failed(Error::from(Missing::Mail)))?;
    vestibule.mail(&scope, id).await.map_err(failed)
}
