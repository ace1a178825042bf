//! All members that a query finds, for a file: read in parts, so that few are in memory however many there are.

use super::{
    Result, Scope,
    member_lists::{MemberNames, own_query},
    subject,
};
use futures::{Stream, stream};
use std::sync::Arc;
use vestibule_domain::{Member, MemberQuery, OrganizationId, Permission};
use vestibule_store::MemberStart;

/// The number of members per read.
const BATCH: u32 = 500;

/// Some members, with the names beside them.
pub struct MemberBatch {
    pub members: Vec<Member>,
    pub names: MemberNames,
}

/// The rest of an export.
struct Export {
    id: OrganizationId,
    query: MemberQuery,
    /// The number of members that the query found at the start.
    matching: u64,
    /// The last member that was read.
    after: Option<Member>,
}

impl subject::MemberExports<'_> {
    /// Returns a stream of all members that the query finds, in its order. It reads on only as it is consumed.
    pub async fn all(
        self,
        scope: &Scope,
        query: &MemberQuery,
    ) -> Result<impl Stream<Item = Result<MemberBatch>> + Send + use<>> {
        scope.require(Permission::UserRead)?;
        let id = scope.organization().id;
        let export = self
            .read(async |tx| {
                let query = own_query(tx, id, query).await?;
                let matching = tx.members().count_found(id, &query).await?;
                Ok(Export { id, query, matching, after: None })
            })
            .await?;
        Ok(stream::unfold((Arc::clone(self.0), Some(export)), |(vestibule, export)| async move {
            let export = export?;
            match vestibule.member_exports().batch(&export).await {
                Ok(batch) => {
                    let last = batch.members.last().filter(|_| batch.members.len() == BATCH as usize).cloned();
                    let rest = last.map(|last| Export { after: Some(last), ..export });
                    Some((Ok(batch), (vestibule, rest)))
                }
                Err(error) => Some((Err(error), (vestibule, None))),
            }
        }))
    }

    /// Returns the next members.
    async fn batch(self, export: &Export) -> Result<MemberBatch> {
        let Export { id, query, matching, after } = export;
        self.read(async |tx| {
            let start = after.as_ref().map_or(MemberStart::Offset(0), MemberStart::After);
            let members = tx.members().find(*id, query, start, (BATCH, *matching)).await?;
            let names = MemberNames::of(tx, *id, &members).await?;
            Ok(MemberBatch { members, names })
        })
        .await
    }
}
