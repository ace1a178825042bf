//! A tour of everything that lists, filters, searches, counts or prunes, through the service and the worker.

use super::many::Many;
use crate::harness::{Heard, Statements, TestApp};
use chrono::Duration;
use futures::StreamExt;
use std::pin::pin;
use std::time::Instant;
use uuid::Uuid;
use vestibule_core::service::{NewInvitation, Started};
use vestibule_core::worker;
use vestibule_domain::{
    Begin, Cursor, Direction, EventFilter, InvitationFilter, JobKind, MailFilter, MailState, MemberQuery, MemberSort,
    OffsetPageOrder, OffsetPageRequest, RolesHeld, Status, webhook::WebhookDeliveryState,
};

/// Rows on a page.
const ROWS: u32 = 50;

/// One stop of the tour.
pub struct Stop {
    pub name: String,
    /// The shortest of several times.
    pub took: std::time::Duration,
    pub heard: Vec<Heard>,
}

pub struct Tour<'t> {
    app: &'t TestApp,
    many: &'t Many,
    /// How often each is visited.
    times: u32,
    pub stops: Vec<Stop>,
}

impl<'t> Tour<'t> {
    pub fn new(app: &'t TestApp, many: &'t Many, times: u32) -> Self {
        Self { app, many, times, stops: Vec::new() }
    }

    async fn visit<T>(&mut self, name: impl Into<String>, work: impl AsyncFn() -> T) -> T {
        let statements = Statements::listen();
        let (mut took, mut last) = (std::time::Duration::MAX, None);
        for _ in 0..self.times {
            let begun = Instant::now();
            last = Some(statements.during(work()).await);
            took = took.min(begun.elapsed());
        }
        self.stops.push(Stop { name: name.into(), took, heard: statements.heard() });
        last.unwrap()
    }

    pub async fn all(&mut self) {
        self.invitations().await;
        self.offset_pages().await;
        self.jobs().await;
        self.members().await;
        self.audit().await;
        self.outbox().await;
        self.others().await;
        self.worker().await;
    }

    /// The cursor of a page at nine tenths of the depth.
    fn deep(&self, row: Uuid) -> Option<String> {
        let organization_id = self.many.acme.scope.organization().id;
        Some(Cursor { organization_id, direction: Direction::Older, row }.encode())
    }

    /// The id of a row at nine tenths of the depth, by the way that ids are made.
    fn deep_id(&self, kind: u8) -> Uuid {
        let (count, n) = (self.many.count, self.many.count / 10);
        let now = self.app.vestibule.now().timestamp_millis();
        let millis = now - 3_600_000 - i64::try_from(count - n).unwrap() * 1000;
        let text = format!("{millis:012x}70008{kind:x}00{n:012x}");
        text.parse().unwrap()
    }

    async fn invitations(&mut self) {
        let (app, many) = (self.app, self.many);
        let (scope, invitations) = (&many.acme.scope, app.vestibule.invitations());
        let now = app.vestibule.now();
        let any = InvitationFilter::default;
        let status = |status| InvitationFilter { status: Some(status), ..any() };
        let filters = [
            ("all", any()),
            ("pending", status(Status::Pending)),
            ("accepted", status(Status::Accepted)),
            ("declined", status(Status::Declined)),
            ("revoked", status(Status::Revoked)),
            ("expired", status(Status::Expired)),
            ("text", InvitationFilter { text: Some("person7".into()), ..any() }),
            ("usual role", InvitationFilter { role_id: Some(many.usual_role), ..any() }),
            ("rare role", InvitationFilter { role_id: Some(many.rare_role), ..any() }),
            ("exact address", InvitationFilter { email: Some("person77@people.example".into()), ..any() }),
            ("sent", InvitationFilter { mail_state: Some(MailState::Sent), ..any() }),
            ("failed", InvitationFilter { mail_state: Some(MailState::Failed), ..any() }),
            ("deferred", InvitationFilter { mail_state: Some(MailState::Deferred), ..any() }),
            ("by a person", InvitationFilter { inviter_id: Some(many.acme.user.id.uuid()), ..any() }),
            ("by a key", InvitationFilter { inviter_id: Some(many.key.uuid()), ..any() }),
            ("created from", InvitationFilter { created_from: Some(now - Duration::hours(2)), ..any() }),
            ("created to", InvitationFilter { created_to: Some(now - Duration::hours(2)), ..any() }),
            ("pending by a key", InvitationFilter { inviter_id: Some(many.key.uuid()), ..status(Status::Pending) }),
            ("pending with rare role", InvitationFilter { role_id: Some(many.rare_role), ..status(Status::Pending) }),
            (
                "failed and accepted",
                InvitationFilter { mail_state: Some(MailState::Failed), ..status(Status::Accepted) },
            ),
            (
                "pending to an address",
                InvitationFilter { email: Some("person76@people.example".into()), ..status(Status::Pending) },
            ),
        ];
        let (deep, combined) = (self.deep(self.deep_id(1)), combined(many, now - Duration::hours(2)));
        for (name, filter) in filters.iter().chain(&combined) {
            let page = async |cursor: Option<&str>, filter: &InvitationFilter| {
                invitations.page_without_counts(scope, filter, cursor, ROWS).await.unwrap()
            };
            self.visit(format!("invitations, {name}: first page"), async || page(None, filter).await).await;
            let oldest = InvitationFilter { begin: Begin::Oldest, ..filter.clone() };
            self.visit(format!("invitations, {name}: from the oldest"), async || page(None, &oldest).await).await;
            let found =
                self.visit(format!("invitations, {name}: at 90 %"), async || page(deep.as_deref(), filter).await).await;
            if let Some(newer) = &found.newer {
                self.visit(format!("invitations, {name}: back"), async || page(Some(newer.as_str()), filter).await)
                    .await;
            }
            self.visit(format!("invitations, {name}: with counts"), async || {
                invitations.page(scope, filter, None, ROWS).await.unwrap()
            })
            .await;
        }
        self.visit("invitation: one", async || {
            let page = invitations.page_without_counts(scope, &any(), None, 1).await.unwrap();
            invitations.detail(scope, page.items[0].invitation.id).await.unwrap()
        })
        .await;
    }

    async fn offset_pages(&mut self) {
        let (scope, invitations) = (&self.many.acme.scope, self.app.vestibule.invitations());
        let first = OffsetPageRequest {
            statuses: vec![],
            emails: vec![],
            role_ids: vec![],
            resource_ids: vec![],
            text: None,
            or_id: None,
            order: OffsetPageOrder::Created,
            is_descending: true,
            after: None,
            offset: 0,
            limit: ROWS,
        };
        let last = invitations.offset_page(scope, &first).await.unwrap().rows.last().map(|view| view.invitation.id);
        let requests = [
            ("all", first.clone()),
            ("after one", OffsetPageRequest { after: last, ..first.clone() }),
            ("pending", OffsetPageRequest { statuses: vec![Status::Pending], ..first.clone() }),
            (
                "pending and expired",
                OffsetPageRequest { statuses: vec![Status::Pending, Status::Expired], ..first.clone() },
            ),
            ("addresses", OffsetPageRequest { emails: vec!["person77@people.example".into()], ..first.clone() }),
            ("role", OffsetPageRequest { role_ids: vec![self.many.rare_role], ..first.clone() }),
            ("text", OffsetPageRequest { text: Some("person7".into()), ..first.clone() }),
            ("by address", OffsetPageRequest { order: OffsetPageOrder::Email, ..first.clone() }),
            ("by end", OffsetPageRequest { order: OffsetPageOrder::Expires, ..first.clone() }),
        ];
        for (name, request) in &requests {
            self.visit(format!("invitations by offset, {name}"), async || {
                invitations.offset_page(scope, request).await.unwrap()
            })
            .await;
        }
    }

    async fn jobs(&mut self) {
        let (app, scope) = (self.app, &self.many.acme.scope);
        let any = InvitationFilter::default;
        let from = Some(app.vestibule.now() - Duration::hours(2));
        let filters = [
            ("all", any()),
            ("of a key", InvitationFilter { inviter_id: Some(self.many.key.uuid()), ..any() }),
            ("failed", InvitationFilter { mail_state: Some(MailState::Failed), ..any() }),
            ("sent, created from", InvitationFilter { mail_state: Some(MailState::Sent), created_from: from, ..any() }),
        ];
        for (name, filter) in filters {
            self.visit(format!("jobs: count {name}"), async || {
                app.vestibule.jobs().count_matching(scope, JobKind::RevokeMatching, &filter).await.unwrap()
            })
            .await;
            self.visit(format!("jobs: revoke {name}"), async || {
                // there is nothing left to revoke if it was done before
                if let Ok(Started::Job(job)) = app.vestibule.jobs().start_revoke_matching(scope, &filter).await {
                    app.vestibule.jobs().cancel(scope, job.id).await.unwrap();
                }
            })
            .await;
        }
        self.visit("jobs: mine", async || app.vestibule.jobs().current(scope).await.unwrap()).await;
    }

    async fn members(&mut self) {
        let (app, many) = (self.app, self.many);
        let (scope, members) = (&many.acme.scope, app.vestibule.members());
        let deep = self.deep(self.deep_id(2));
        self.visit("members: first page", async || members.page(scope, None, ROWS).await.unwrap()).await;
        self.visit("members: at 90 %", async || members.page(scope, deep.as_deref(), ROWS).await.unwrap()).await;
        let all = MemberQuery::default;
        let queries = [
            ("all", all()),
            ("usual role", MemberQuery::of_roles(vec![many.usual_role])),
            ("rare role", MemberQuery::of_roles(vec![many.rare_role])),
            ("two roles", MemberQuery::of_roles(vec![many.rare_role, many.usual_role])),
            ("resource", MemberQuery { resource_ids: Some(vec![many.resource]), ..all() }),
            (
                "resource and role",
                MemberQuery { resource_ids: Some(vec![many.resource]), ..MemberQuery::of_roles(vec![many.usual_role]) },
            ),
            ("text", MemberQuery { text: "person 7".into(), ..all() }),
            ("address", MemberQuery { addresses: Some(vec!["person77@people.example".into()]), ..all() }),
            ("domain", MemberQuery { domain: Some("people.example".into()), ..all() }),
            (
                "without a role",
                MemberQuery {
                    roles: Some(vec![RolesHeld { one_of_each: vec![], none_of: vec![many.usual_role] }]),
                    ..all()
                },
            ),
            ("by address", MemberQuery { sort: vec![(MemberSort::Email, false)], ..all() }),
        ];
        for (name, query) in &queries {
            let page = self
                .visit(format!("members by query, {name}"), async || {
                    members.list(scope, query, None, ROWS).await.unwrap()
                })
                .await;
            if let Some(after) = page.later {
                self.visit(format!("members by query, {name}: second page"), async || {
                    members.list(scope, query, after, ROWS).await.unwrap()
                })
                .await;
            }
            self.visit(format!("members by query, {name}: page 5"), async || {
                members.numbered_page(scope, query, 5, ROWS).await.unwrap()
            })
            .await;
        }
        for text in ["person7", "person 7", "nobody"] {
            self.visit(format!("search: {text}"), async || app.vestibule.search().find(scope, text).await.unwrap())
                .await;
        }
    }

    async fn audit(&mut self) {
        let (app, many) = (self.app, self.many);
        let (scope, now) = (&many.acme.scope, app.vestibule.now());
        let all = EventFilter::default;
        let one = app.vestibule.invitations().page_without_counts(scope, &InvitationFilter::default(), None, 1).await;
        let one = one.unwrap().items[0].invitation.id;
        let member = app.vestibule.members().page(scope, None, 1).await.unwrap().page.items[0].id;
        let filters = [
            ("all", all()),
            ("by a person", EventFilter { actor_id: Some(many.rare_actor.key()), ..all() }),
            ("by a usual person", EventFilter { actor_id: Some(many.ada().key()), ..all() }),
            ("by kind", EventFilter { actions: vec!["invitation.created"], ..all() }),
            (
                "by kinds",
                EventFilter { actions: vec!["invitation.created", "invitation.revoked", "member.added"], ..all() },
            ),
            (
                "by person and kind",
                EventFilter { actor_id: Some(many.rare_actor.key()), actions: vec!["invitation.created"], ..all() },
            ),
            ("text", EventFilter { text: Some("person77@".into()), ..all() }),
            ("of an invitation", EventFilter { invitation_id: Some(one), ..all() }),
            ("of a member", EventFilter { member_id: Some(member), ..all() }),
            ("from", EventFilter { from: Some(now - Duration::hours(2)), ..all() }),
            ("to", EventFilter { to: Some(now - Duration::hours(2)), ..all() }),
        ];
        let deep = self.deep(Uuid::from_u128(u128::from(1000 + many.count / 5)));
        for (name, filter) in &filters {
            let page =
                async |cursor: Option<&str>| app.vestibule.audit().page(scope, filter, cursor, ROWS).await.unwrap();
            self.visit(format!("audit, {name}: first page"), async || page(None).await).await;
            self.visit(format!("audit, {name}: at 90 %"), async || page(deep.as_deref()).await).await;
        }
        self.visit("audit: export", async || {
            let mut batches = pin!(app.vestibule.audit().all(scope, all()).await.unwrap());
            batches.next().await.unwrap().unwrap()
        })
        .await;
        self.visit("feed", async || app.vestibule.feed().events(scope, 1000, ROWS).await.unwrap()).await;
    }

    async fn outbox(&mut self) {
        let (app, scope) = (self.app, &self.many.acme.scope);
        let filters = [
            ("all", MailFilter::default()),
            ("failed", MailFilter { state: Some(MailState::Failed), ..MailFilter::default() }),
            ("text", MailFilter { text: Some("person7".into()), ..MailFilter::default() }),
        ];
        let deep = self.deep(self.deep_id(5));
        for (name, filter) in &filters {
            for (depth, cursor) in [("first page", None), ("at 90 %", deep.as_deref())] {
                self.visit(format!("outbox, {name}: {depth}"), async || {
                    app.vestibule.outbox().page(scope, filter, cursor, ROWS).await.unwrap()
                })
                .await;
            }
        }
    }

    async fn others(&mut self) {
        let (app, many) = (self.app, self.many);
        let scope = &many.acme.scope;
        let deep = self.deep(self.deep_id(6));
        for state in [None, Some(WebhookDeliveryState::Failed)] {
            for (depth, cursor) in [("first page", None), ("at 90 %", deep.as_deref())] {
                self.visit(format!("deliveries, {state:?}: {depth}"), async || {
                    app.vestibule.webhook_deliveries().page(scope, many.endpoint, state, cursor, ROWS).await.unwrap()
                })
                .await;
            }
        }
        for cursor in [None, deep.as_deref()] {
            self.visit("resources", async || app.vestibule.resources().page(scope, cursor, ROWS).await.unwrap()).await;
        }
        self.visit("queues", async || app.vestibule.queues().await.unwrap()).await;
        let next = std::sync::atomic::AtomicU32::new(0);
        self.visit("create", async || {
            let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let email = format!("new{n}@domain{n}.example");
            let new =
                NewInvitation { email, role_ids: vec![many.usual_role], notify: true, ..NewInvitation::default() };
            app.vestibule.invitations().invite_one(scope, &new).await.unwrap();
        })
        .await;
    }

    async fn worker(&mut self) {
        let app = self.app;
        self.visit("worker: a round", async || worker::tick(&app.vestibule).await.unwrap()).await;
        self.visit("worker: nothing due", async || worker::tick(&app.vestibule).await.unwrap()).await;
        self.visit("worker: prune", async || worker::prune(&app.vestibule).await.unwrap()).await;
    }
}

/// Filters of several conditions, as the portal's list combines them.
fn combined(many: &Many, from: vestibule_domain::Instant) -> Vec<(&'static str, InvitationFilter)> {
    let pending = || InvitationFilter { status: Some(Status::Pending), ..InvitationFilter::default() };
    let (person, key) = (Some(many.acme.user.id.uuid()), Some(many.key.uuid()));
    let by = |inviter_id| InvitationFilter { inviter_id, ..InvitationFilter::default() };
    let of = |state| InvitationFilter { mail_state: Some(state), ..InvitationFilter::default() };
    let with = |role_id| InvitationFilter { role_id: Some(role_id), ..InvitationFilter::default() };
    let (text, from, to) = (Some("person7".to_owned()), Some(from), Some(from + Duration::minutes(30)));
    vec![
        ("failed by a person", InvitationFilter { inviter_id: person, ..of(MailState::Failed) }),
        ("sent by a key", InvitationFilter { inviter_id: key, ..of(MailState::Sent) }),
        (
            "pending, sent by a key",
            InvitationFilter { inviter_id: key, mail_state: Some(MailState::Sent), ..pending() },
        ),
        ("rare role, failed", InvitationFilter { mail_state: Some(MailState::Failed), ..with(many.rare_role) }),
        ("rare role by a key", InvitationFilter { inviter_id: key, ..with(many.rare_role) }),
        ("rare role, created from", InvitationFilter { created_from: from, ..with(many.rare_role) }),
        ("text, created from", InvitationFilter { text: text.clone(), created_from: from, ..by(None) }),
        ("usual role, failed", InvitationFilter { mail_state: Some(MailState::Failed), ..with(many.usual_role) }),
        ("usual role, created from", InvitationFilter { created_from: from, ..with(many.usual_role) }),
        ("by a key, created from", InvitationFilter { created_from: from, ..by(key) }),
        ("by a person, created from", InvitationFilter { created_from: from, ..by(person) }),
        ("sent, created from", InvitationFilter { created_from: from, ..of(MailState::Sent) }),
        ("failed, created from", InvitationFilter { created_from: from, ..of(MailState::Failed) }),
        ("pending, created from", InvitationFilter { created_from: from, ..pending() }),
        ("expired, created from", InvitationFilter { status: Some(Status::Expired), created_from: from, ..by(None) }),
        ("created between", InvitationFilter { created_from: from, created_to: to, ..by(None) }),
        ("text by a key", InvitationFilter { text: text.clone(), ..by(key) }),
        ("text, failed", InvitationFilter { text, ..of(MailState::Failed) }),
        (
            "all but a text",
            InvitationFilter {
                role_id: Some(many.rare_role),
                mail_state: Some(MailState::Sent),
                inviter_id: key,
                created_from: from,
                created_to: to,
                ..pending()
            },
        ),
    ]
}
