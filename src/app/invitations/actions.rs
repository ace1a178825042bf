//! What the pages of this area read.

use crate::{
    app::failure::Failure,
    domain::{InvitationDetail, InvitationFilter, InvitationList, InvitationRow},
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

/// Rows on one page of the list.
#[cfg(feature = "ssr")]
const PAGE: u32 = 50;

/// A page of the list, with what the page around it tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub list: InvitationList,
    pub has_mail_server: bool,
}

#[server(input = Json)]
pub async fn list(slug: String, filter: InvitationFilter, cursor: Option<String>) -> Result<Listed, Failure> {
    use crate::app::context::{failed, scope, sent, vestibule};
    let (vestibule, scope) = (vestibule(), scope(&slug).await?);
    let list = sent(vestibule.invitations(&scope, &filter, cursor.as_deref(), PAGE)).await.map_err(failed)?;
    Ok(Listed { list, has_mail_server: vestibule.has_mail_server() })
}

#[server(input = Json)]
pub async fn show(slug: String, id: String) -> Result<InvitationDetail, Failure> {
    use crate::app::context::{failed, scope, sent, vestibule};
    let scope = scope(&slug).await?;
    let id = id.parse().map_err(|_| failed(crate::service::Missing::Invitation.into()))?;
    sent(vestibule().invitation(&scope, id)).await.map_err(failed)
}

/// Those of the ids that are invitations of the organization, at most a page of them.
#[server(input = Json)]
pub async fn some(slug: String, ids: Vec<String>) -> Result<Vec<InvitationRow>, Failure> {
    use crate::app::context::{failed, scope, sent, vestibule};
    use crate::service::{Error, Missing};
    let (vestibule, scope) = (vestibule(), scope(&slug).await?);
    let mut rows = Vec::new();
    for id in ids.iter().filter_map(|id| id.parse().ok()).take(PAGE as usize) {
        match sent(vestibule.invitation(&scope, id)).await {
            Ok(detail) => rows.push(detail.row),
            Err(Error::Missing(Missing::Invitation)) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(rows)
}

/// Whether mail goes to a server; without one links are handed over by hand.
#[server(input = Json)]
pub async fn has_mail_server(slug: String) -> Result<bool, Failure> {
    use crate::app::context::{scope, vestibule};
    scope(&slug).await?;
    Ok(vestibule().has_mail_server())
}
