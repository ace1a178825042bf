//! A page of the list of invitations.

mod bulk_bar;
mod pick_form;
mod rows;

pub use pick_form::{PickForm, left_at};

use super::{Caller, InvitationQuery, html, matching::MatchingQuery};
use crate::list::ListPage;
use futures::FutureExt;
use leptos::prelude::*;
use rows::Rows;
use vestibule_components::{NoMatch, Pager, Tab, Tabs};
use vestibule_core::service::Result;
use vestibule_domain::{Counts, InvitationId, InvitationList, JobKind, Permission, Status};
use vestibule_web::query::ListQuery;

/// The number of rows on a page.
const ROWS: u32 = 50;

/// What was read, and for which query and organization.
pub struct ReadList {
    pub list: InvitationList,
    pub query: InvitationQuery,
    /// The invitations that are selected when the page opens.
    pub picked: Vec<InvitationId>,
    /// The name of whose invitations are listed, if the query asks for those by one.
    pub inviter: Option<String>,
    pub slug: String,
}

/// Reads the page of the list that the query of its URL asks for.
pub async fn read(caller: &Caller, query: &str) -> Result<ReadList> {
    let (query, picked) = (InvitationQuery::parse(query), PickForm::parse(query).id.read());
    let invitations = caller.vestibule.invitations();
    let list = invitations.page(&caller.scope, &query.filter(), query.cursor.some(), ROWS).boxed().await?;
    let inviter = query.inviter_name(&caller.vestibule, &caller.scope).boxed().await?;
    let slug = caller.scope.organization().slug.to_string();
    Ok(ReadList { list, query, picked, inviter, slug })
}

impl ReadList {
    /// Returns the page as it is shown.
    pub fn page(self) -> ListPage {
        let tabs = view! { <Tabs label="Status" tabs=tabs(&self.query, &self.list.counts, &self.slug)/> };
        let pending = self.list.counts.of(Status::Pending).number;
        let is_first = self.query.is_all() && self.list.counts.is_empty();
        ListPage { tabs: html(tabs), content: html(self.content()), pending, is_first }
    }

    fn content(self) -> impl IntoView {
        let Self { list, query, picked, inviter, slug } = self;
        let all = InvitationQuery::default().href(&slug);
        let (newer, older) = query.turns(&all, &list.page);
        let by = inviter.map(|name| view! { <ByOne name all=query.by_anybody().href(&slug)/> });
        let may_invite = list.power.has(Permission::UserInvite);
        let is_part = newer.is_some() || older.is_some();
        let matching = if is_part && may_invite { Matching::links(&query, &slug) } else { Vec::new() };
        let total = list.counts.of(query.status.read());
        let links = matching.iter().map(|link| {
            view! { <a href=link.href.clone()>{link.verb()} " all that match"</a> }
        });
        let links: Vec<_> = links.collect();
        let all_that_match = (!links.is_empty()).then(|| view! { <p class="row small">{links}</p> });
        let note = total.plural("invitation", "invitations");
        let rows = match list.page.items.is_empty() {
            true => {
                let all = (!query.is_all()).then_some(all);
                view! { <NoMatch title="No invitation matches." all words="Clear the filters"/> }.into_any()
            }
            false => view! { <Rows list may_pick=may_invite picked matching total here=query.href(&slug) path=all/> }
                .into_any(),
        };
        view! { {by} {rows} <Pager note newer older/> {all_that_match} }
    }
}

/// Says whose invitations are listed, and leads to those by anybody. It is above the rows and not in the form, so that
/// scripts replace it with the rows.
#[component]
fn ByOne(name: String, all: String) -> impl IntoView {
    view! { <p class="small">"Invited by " <bdi>{name}</bdi> " · " <a href=all>"Show all"</a></p> }.into_any()
}

/// A link to what can be done to all that match, on this page and on the others.
#[derive(Clone)]
struct Matching {
    kind: JobKind,
    href: String,
}

impl Matching {
    /// Returns a link for each act that some of them allow.
    fn links(query: &InvitationQuery, slug: &str) -> Vec<Self> {
        let kinds = [JobKind::ResendMatching, JobKind::RevokeMatching].into_iter();
        let kinds = kinds.filter(|kind| !kind.statuses(&query.filter()).is_empty());
        kinds.map(|kind| Self { kind, href: MatchingQuery::of(kind, query).href(slug) }).collect()
    }

    fn verb(&self) -> &'static str {
        match self.kind {
            JobKind::ResendMatching => "Resend",
            JobKind::RevokeMatching => "Revoke",
        }
    }
}

/// Returns a tab for each status.
fn tabs(query: &InvitationQuery, counts: &Counts<Status>, slug: &str) -> Vec<Tab> {
    let tab = |status: Option<Status>| Tab {
        href: query.with_status(status).href(slug),
        name: status.map_or("All", Status::label),
        count: counts.of(status),
        is_open: query.status.read() == status,
    };
    let open = [Status::Pending, Status::Accepted, Status::Declined, Status::Expired, Status::Revoked];
    std::iter::once(None).chain(open.map(Some)).map(tab).collect()
}
