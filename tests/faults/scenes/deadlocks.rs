//! Every pair of use cases at once on one invitation, in two instances that share a PostgreSQL: each waits for its
//! turn, and the server never has to end one because of another.

use crate::{
    driver::{Figures, PostgresServer, rounds},
    harness::{Acme, PASSWORD, Receiver, Setup, TestApp, cast::CLIENT},
};
use futures::TryStreamExt;
use sqlx::Connection;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};
use vestibule_core::service::{
    Error, HeldDecision, MemberEdit, NewApiKey, NewInvitation, NotFound, OrganizationEdit, ResourceEdit, RoleEdit,
    SetUp, Started, WebhookEndpointEdit,
};
use vestibule_core::worker;
use vestibule_domain::{
    InvitationEdit, InvitationFilter, InvitationId, MailFilter, MailState, Permission, Surface, WebhookEndpointId,
    token::{Channel, LinkClaims},
    webhook::WebhookDeliveryState,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    Open,
    Accept,
    AcceptSignedIn,
    Decline,
    AskAgain,
    ProveMailbox,
    Resend,
    Revoke,
    Edit,
    Undo,
    Jobs,
    InviteMany,
    InviteRows,
    EditMember,
    RemoveMember,
    Roles,
    Resources,
    EditOrganization,
    CreateOrganization,
    Keys,
    Webhooks,
    EditWebhook,
    Replay,
    RetryMail,
    SignIn,
    SignOut,
    ChangePassword,
    ForgetPassword,
    UseTicket,
    Erase,
    Export,
    SettleHeld,
    Work,
    Prune,
}

/// Each act, with what of `service` and `worker` it writes by: the file and the function.
const ALL: [(Act, &[&str]); 34] = [
    (Act::Open, &["open::open_beside"]),
    (Act::Accept, &["accept::accept_as_new"]),
    (Act::AcceptSignedIn, &["accept::accept", "accept::sign_in_to_accept", "members::leave"]),
    (Act::Decline, &["decline::decline"]),
    (Act::AskAgain, &["ask_again::ask_again"]),
    (Act::ProveMailbox, &["code::send_code", "code::prove_mailbox"]),
    (Act::Resend, &["resend::resend"]),
    (Act::Revoke, &["revoke::revoke"]),
    (Act::Edit, &["edit::edit"]),
    (Act::Undo, &["undo::undo_one"]),
    (Act::Jobs, &["jobs::start", "jobs::cancel", "jobs::dismiss", "jobs::go_on", "jobs::fail"]),
    (Act::InviteMany, &["invite_many::invite"]),
    (Act::InviteRows, &["invite_many::invite_rows", "invite::invite_all", "invite::invite_one", "api_keys::touch"]),
    (Act::EditMember, &["members::edit"]),
    (Act::RemoveMember, &["members::remove", "dependents::go_on_cutting"]),
    (Act::Roles, &["roles::create", "roles::edit", "roles::delete"]),
    (Act::Resources, &["resources::create", "resources::edit", "resources::delete"]),
    (Act::EditOrganization, &["organizations::edit"]),
    (Act::CreateOrganization, &["organizations::create"]),
    (Act::Keys, &["api_keys::create", "api_keys::revoke"]),
    (Act::Webhooks, &["webhook_endpoints::create", "webhook_endpoints::delete"]),
    (Act::EditWebhook, &["webhook_endpoints::edit", "webhook_endpoints::rotate"]),
    (Act::Replay, &["webhook_deliveries::replay"]),
    (Act::RetryMail, &["outbox::retry"]),
    (Act::SignIn, &["sessions::check_password", "sessions::begin"]),
    (Act::SignOut, &["sessions::get", "sessions::end", "sessions::end_others", "sessions::sign_out"]),
    (Act::ChangePassword, &["sessions::change_password", "sessions::replace_password"]),
    (Act::ForgetPassword, &["sessions::forgot_password"]),
    (Act::UseTicket, &["tickets::use_up"]),
    (Act::Erase, &["erasure::begin", "erasure::go_on", "erasure::erase_account"]),
    (Act::Export, &[]),
    (Act::SettleHeld, &["held::settle", "held::settle_mails", "held::settle_organizations", "held::settle_deliveries"]),
    (
        Act::Work,
        &[
            "sign_in_failures::begin_recording",
            "sign_in_failures::record_failures_in",
            "expire::expire",
            "remind::remind",
            "mail_queue::tidy",
            "mail_queue::take",
            "send_mail::give_back",
            "send_mail::save",
            "webhook_queue::tidy",
            "webhook_queue::take",
            "deliver_webhooks::give_back",
            "deliver_webhooks::save",
        ],
    ),
    (
        Act::Prune,
        &[
            "sessions::prune",
            "idempotency::prune_answers",
            "rate_limits::prune",
            "prune::round",
            "retention::prune_mails",
            "erasure::erase_overdue",
        ],
    ),
];

/// What writes and is in no pair, and why.
const APART: [(&str, &str); 8] = [
    ("mod::write", "what the others write by"),
    ("subject::write", "what the others write by"),
    ("subject::write_in", "what the others write by"),
    ("mod::write_for", "what the others write by"),
    ("mod::write_if_it_can", "what the others write by"),
    ("idempotency::write_in", "what the others write by"),
    ("chores::index", "writes on SQLite only, where one writes at a time"),
    ("organizations::set_up", "done once, before there is anything else"),
];

struct Stage {
    acme: Acme,
    other: Acme,
    alan: Acme,
    id: InvitationId,
    email: String,
    token: String,
    number: usize,
    shared: Shared,
    /// Who is removed or erased, with what they made; none where neither is done.
    leaver: Option<Acme>,
    /// None where nobody uses one.
    ticket: Option<String>,
}

/// What all pairs have in common.
#[derive(Clone)]
struct Shared {
    endpoint: WebhookEndpointId,
    key: String,
}

impl Act {
    /// Does it; refusals that the other act brings about are as good as success.
    #[expect(clippy::too_many_lines, reason = "an arm for each act, and none does much")]
    async fn run(self, app: &TestApp, stage: &Stage, is_first: bool) -> Result<(), Error> {
        let (vestibule, acme, n) = (&app.vestibule, &stage.acme, stage.number);
        let name = format!("{}-{n}", if is_first { "one" } else { "two" });
        match self {
            Self::Open => vestibule.acceptance().open(&stage.token).await.map(drop),
            Self::Accept => {
                let acceptance_session = vestibule.acceptance().open(&stage.token).await?;
                vestibule
                    .acceptance()
                    .accept_as_new(acceptance_session.as_str(), "Grace Okafor", PASSWORD)
                    .await
                    .map(drop)
            }
            Self::AcceptSignedIn => accept_signed_in(app, stage).await,
            Self::Decline => {
                let acceptance_session = vestibule.acceptance().open(&stage.token).await?;
                vestibule.acceptance().decline(acceptance_session.as_str(), "").await
            }
            Self::AskAgain => {
                let acceptance_session = vestibule.acceptance().open(&stage.token).await?;
                vestibule.acceptance().ask_again(acceptance_session.as_str(), CLIENT).await
            }
            Self::ProveMailbox => {
                let claims = LinkClaims { invitation_id: stage.id, generation: 1, channel: Channel::Shared };
                let acceptance_session = vestibule.acceptance().open(app.signing_keys.token(claims).as_str()).await?;
                vestibule.acceptance().send_code(acceptance_session.as_str()).await?;
                match vestibule.acceptance().prove_mailbox(acceptance_session.as_str(), "000000", CLIENT).await {
                    // no code is ever six zeros, or hardly ever
                    Err(Error::Invalid(_)) => Ok(()),
                    other => other,
                }
            }
            Self::Resend => vestibule.invitations().resend(&acme.scope, stage.id).await.map(drop),
            Self::Revoke => vestibule.invitations().revoke(&acme.scope, stage.id).await.map(drop),
            Self::Edit => {
                let edit = InvitationEdit { message: Some(format!("Come, {name}")), ..InvitationEdit::default() };
                vestibule.invitations().edit(&acme.scope, stage.id, &edit).await.map(drop)
            }
            Self::Undo => {
                let scope = acme.scope.clone().undoable(vestibule.now());
                vestibule.invitations().resend(&scope, stage.id).await?;
                let act = scope.act().expect("a person’s");
                vestibule.invitations().undo(&scope, act).await.map(drop)
            }
            Self::Jobs => {
                let all = InvitationFilter::default();
                let started = vestibule.jobs().start_resend_matching(&acme.scope, &all).await?;
                worker::tick(vestibule).await?;
                let Started::Job(job) = started else { return Ok(()) };
                vestibule.jobs().cancel(&acme.scope, job.id).await?;
                vestibule.jobs().dismiss(&acme.scope, job.id).await
            }
            Self::InviteMany => {
                // the same mailboxes, in either order, from two organizations
                let mut recipients: Vec<_> = (0..4).map(|m| format!("crowd{n}.{m}@example.com")).collect();
                if is_first {
                    recipients.reverse();
                }
                let at = if is_first { acme } else { &stage.other };
                let invite = app.invite(at, &recipients.join("\n"), "member").await;
                vestibule.invitations().invite(&at.scope, &invite).await.map(drop)
            }
            Self::InviteRows => invite_rows(app, stage, is_first).await,
            Self::EditMember => {
                let map = serde_json::json!({ "n": n }).as_object().cloned();
                let edit = MemberEdit { metadata: map, ..MemberEdit::default() };
                vestibule.members().edit(&acme.scope, stage.alan.member_id(), &edit).await.map(drop)
            }
            Self::RemoveMember => {
                let leaver = stage.leaver.as_ref().expect("made for this");
                vestibule.members().remove(&acme.scope, leaver.member_id()).await.map(drop)
            }
            Self::Roles => {
                let role = app.role(acme, "reader").await;
                let permissions = if is_first { vec![] } else { vec![Permission::UserRead] };
                let edit = RoleEdit { permissions: Some(permissions), ..RoleEdit::default() };
                vestibule.roles().edit(&acme.scope, role, &edit).await?;
                let made = vestibule.roles().create(&acme.scope, &name, "Of this round", &[]).await?;
                vestibule.roles().delete(&acme.scope, made.id).await
            }
            Self::Resources => {
                let named = |name: &str| ResourceEdit { name: Some(name.to_owned()), ..ResourceEdit::default() };
                let made = vestibule.resources().create(&acme.scope, &named("Garden")).await?;
                vestibule.resources().edit(&acme.scope, made.id, &named("Orchard")).await?;
                vestibule.resources().delete(&acme.scope, made.id).await
            }
            Self::EditOrganization => {
                let edit = OrganizationEdit { name: Some(format!("Acme {name}")), ..OrganizationEdit::default() };
                vestibule.organizations().edit(&acme.scope, &edit).await.map(drop)
            }
            Self::CreateOrganization => {
                let (slug, email) = (format!("org-{name}"), acme.owner.clone());
                let new = SetUp { organization: name, slug, name: "Ada Byrne".into(), email, password: String::new() };
                vestibule.organizations().create(new).await.map(drop)
            }
            Self::Keys => {
                let (surface, permissions) = (Surface::Native, vec![Permission::UserRead]);
                let new = NewApiKey { surface, name, permissions, expires_at: None };
                let (key, _) = vestibule.api_keys().create(&acme.scope, &new).await?;
                vestibule.api_keys().revoke(&acme.scope, key.id).await.map(drop)
            }
            Self::Webhooks => {
                let url = Some("http://127.0.0.1:9999/hooks".to_owned());
                let new = WebhookEndpointEdit { url, actions: Some(vec![]), ..WebhookEndpointEdit::default() };
                let (endpoint, _) = vestibule.webhook_endpoints().create(&acme.scope, &new).await?;
                vestibule.webhook_endpoints().delete(&acme.scope, endpoint.id).await.map(drop)
            }
            Self::EditWebhook => {
                let enabled =
                    |enabled| WebhookEndpointEdit { enabled: Some(enabled), ..WebhookEndpointEdit::default() };
                let endpoint = stage.shared.endpoint;
                vestibule.webhook_endpoints().edit(&acme.scope, endpoint, &enabled(false)).await?;
                vestibule.webhook_endpoints().edit(&acme.scope, endpoint, &enabled(true)).await?;
                vestibule.webhook_endpoints().rotate(&acme.scope, endpoint).await.map(drop)
            }
            Self::Replay => {
                let (endpoint, delivered) = (stage.shared.endpoint, Some(WebhookDeliveryState::Delivered));
                let list = vestibule.webhook_deliveries().page(&acme.scope, endpoint, delivered, None, 1).await?;
                let Some((delivery, _)) = list.page.items.first() else { return Err(NotFound::Delivery.into()) };
                vestibule.webhook_deliveries().replay(&acme.scope, delivery.id).await.map(drop)
            }
            Self::RetryMail => {
                let filter = MailFilter { state: Some(MailState::Failed), ..MailFilter::default() };
                let mails = vestibule.outbox().page(&acme.scope, &filter, None, 1).await?;
                let failed = mails.page.items.first().ok_or(NotFound::Mail)?;
                vestibule.outbox().retry(&acme.scope, failed.id).await
            }
            Self::SignIn => vestibule.sessions().sign_in(&stage.alan.owner, PASSWORD, CLIENT).await.map(drop),
            Self::SignOut => {
                let (sessions, alan) = (vestibule.sessions(), &stage.alan.user);
                let session = sessions.sign_in(&stage.alan.owner, PASSWORD, CLIENT).await?;
                app.advance(chrono::Duration::minutes(2));
                sessions.get(session.as_str()).await?;
                if let Some(last) = sessions.of_user(alan, session.as_str()).await?.last() {
                    sessions.end(alan, &last.name).await?;
                }
                sessions.end_others(alan, session.as_str()).await?;
                sessions.sign_out(session.as_str()).await
            }
            Self::ChangePassword => {
                const NEW: &str = "marigold pewter sextant";
                vestibule.sessions().change_password(&stage.alan.user, PASSWORD, NEW, CLIENT).await?;
                vestibule.sessions().change_password(&stage.alan.user, NEW, PASSWORD, CLIENT).await.map(drop)
            }
            Self::ForgetPassword => vestibule.sessions().forgot_password(&stage.alan.owner, CLIENT).await,
            Self::UseTicket => {
                let ticket = stage.ticket.as_ref().expect("made for this");
                vestibule.tickets().use_up(&acme.scope, ticket).await.map(drop)
            }
            Self::Erase => {
                vestibule.erasure().erase(&acme.scope, &stage.email).await?;
                let leaver = stage.leaver.as_ref().expect("made for this");
                vestibule.erasure().erase(&acme.scope, &leaver.owner).await?;
                vestibule.erasure().erase_account(&leaver.owner).await.map(drop)
            }
            Self::Export => {
                let document = vestibule.personal_data().export(&acme.scope, &stage.alan.owner).await?;
                document.try_fold((), async |(), _| Ok(())).await
            }
            Self::SettleHeld => {
                let word = if is_first { HeldDecision::Release } else { HeldDecision::Discard };
                vestibule.held().settle(word).await.map(drop)
            }
            Self::Work => worker::tick(vestibule).await.map(drop),
            Self::Prune => worker::prune(vestibule).await.map(drop),
        }
    }
}

/// Alan, who has an account, joins the other organization and leaves it again.
async fn accept_signed_in(app: &TestApp, stage: &Stage) -> Result<(), Error> {
    let (vestibule, at, alan) = (&app.vestibule, &stage.other, &stage.alan);
    let (email, role_ids) = (alan.owner.clone(), vec![app.role(at, "member").await]);
    let made = vestibule
        .invitations()
        .invite_one(&at.scope, &NewInvitation { email, role_ids, ..NewInvitation::default() })
        .await?;
    let acceptance_session = vestibule.acceptance().open(&link(app, at, made.id).await).await?;
    vestibule.acceptance().sign_in_to_accept(acceptance_session.as_str(), PASSWORD, CLIENT).await?;
    let joined = vestibule.acceptance().accept(acceptance_session.as_str(), &alan.user).await?;
    let scope = vestibule.enter(&alan.user, joined.slug.as_str()).await?;
    vestibule.members().leave(&scope).await.map(drop)
}

/// By a key, one by one and several together.
async fn invite_rows(app: &TestApp, stage: &Stage, is_first: bool) -> Result<(), Error> {
    let vestibule = &app.vestibule;
    let scope = vestibule.api_keys().authenticate(&stage.shared.key, Surface::Native).await?.enter();
    let role_ids = vec![app.role(&stage.acme, "member").await];
    let new =
        |email: String| NewInvitation { email, role_ids: role_ids.clone(), notify: true, ..NewInvitation::default() };
    let of = |kind: &str, m: usize| new(format!("{kind}{}.{m}.{is_first}@example.com", stage.number));
    vestibule.invitations().invite_one(&scope, &of("one", 0)).await?;
    // the same mailboxes in either order
    let mut rows: Vec<_> = (0..3).map(|m| new(format!("row{}.{m}@example.com", stage.number))).collect();
    if is_first {
        rows.reverse();
    }
    vestibule.invitations().invite_rows(&scope, &rows, false).await?;
    let all: Vec<_> = (0..2).map(|m| (scope.clone(), of("all", m))).collect();
    vestibule.invitations().invite_all(&scope, &all).await.map(drop)
}

/// What the mail holds.
async fn link(app: &TestApp, at: &Acme, invitation_id: InvitationId) -> String {
    let generation = app.invitation(at, invitation_id).await.generation;
    app.signing_keys.token(LinkClaims { invitation_id, generation, channel: Channel::Mail }).as_str().to_owned()
}

/// What the other act may have brought about.
fn is_fine(result: &Result<(), Error>) -> bool {
    !matches!(result, Err(Error::Internal(_) | Error::Busy(_)))
}

/// Somebody joins Acme, and makes a key and two invitations.
async fn leaver(app: &TestApp, acme: &Acme, number: usize) -> Acme {
    let vestibule = &app.vestibule;
    let (email, role_ids) = (format!("leaver{number}@example.com"), vec![app.role(acme, "admin").await]);
    let new = NewInvitation { email: email.clone(), role_ids, ..NewInvitation::default() };
    let made = vestibule.invitations().invite_one(&acme.scope, &new).await.unwrap();
    let acceptance_session = vestibule.acceptance().open(&link(app, acme, made.id).await).await.unwrap();
    let (session, joined) =
        vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Joan Whitlock", PASSWORD).await.unwrap();
    let user = vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
    let scope = vestibule.enter(&user, joined.slug.as_str()).await.unwrap();
    let leaver = Acme { slug: joined.slug.to_string(), owner: email, session, user, scope };
    for m in 0..2 {
        app.invites(&leaver, &format!("guest{number}.{m}@example.com")).await;
    }
    let permissions = vec![Permission::UserInvite];
    let key = NewApiKey { surface: Surface::Native, name: "robot".into(), permissions, expires_at: None };
    vestibule.api_keys().create(&leaver.scope, &key).await.unwrap();
    leaver
}

/// What somebody who has just joined is sent on with.
async fn ticket(app: &TestApp, acme: &Acme, number: usize) -> String {
    let vestibule = &app.vestibule;
    let (email, role_ids) = (format!("onward{number}@example.com"), vec![app.role(acme, "member").await]);
    let redirect_url = Some("https://app.example/welcome".to_owned());
    let new = NewInvitation { email, role_ids, redirect_url, ..NewInvitation::default() };
    let made = vestibule.invitations().invite_one(&acme.scope, &new).await.unwrap();
    let acceptance_session = vestibule.acceptance().open(&link(app, acme, made.id).await).await.unwrap();
    let (session, _) =
        vestibule.acceptance().accept_as_new(acceptance_session.as_str(), "Hugo Marsh", PASSWORD).await.unwrap();
    let user = vestibule.sessions().get(session.as_str()).await.unwrap().unwrap();
    vestibule
        .tickets()
        .return_to(acceptance_session.as_str(), &user)
        .await
        .unwrap()
        .expect("there is somewhere to go")
        .ticket
}

/// An endpoint that hears of everything, a key that may do everything, an origin that tickets go to, and times to keep.
async fn shared(app: &TestApp, acme: &Acme, receiver: &str) -> Shared {
    let vestibule = &app.vestibule;
    let edit = OrganizationEdit {
        redirect_origins: Some(vec!["https://app.example".into()]),
        invitation_retention_days: Some(Some(1)),
        mail_retention_days: Some(Some(1)),
        ..OrganizationEdit::default()
    };
    vestibule.organizations().edit(&acme.scope, &edit).await.unwrap();
    let hears =
        WebhookEndpointEdit { url: Some(receiver.to_owned()), actions: Some(vec![]), ..WebhookEndpointEdit::default() };
    let endpoint = vestibule.webhook_endpoints().create(&acme.scope, &hears).await.unwrap().0.id;
    let (surface, name, permissions) = (Surface::Native, "ci".to_owned(), Permission::ALL.to_vec());
    let new = NewApiKey { surface, name, permissions, expires_at: None };
    let (_, token) = vestibule.api_keys().create(&acme.scope, &new).await.unwrap();
    Shared { endpoint, key: token.unwrap().as_str().to_owned() }
}

/// What waits is held.
const HOLD: &str = "insert into restores (id, backup_made_at, restored_at) values (gen_random_uuid(), now(), now());
    update mails set state = 'held' where state in ('queued', 'deferred');
    update webhook_deliveries set state = 'held' where state = 'pending';
    update invitations set mail_state = 'held' where mail_state in ('queued', 'deferred')";

#[test]
fn no_two_use_cases_ever_wait_for_each_other() {
    // all acts in one function are larger than the stack of a test
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let scene = std::thread::Builder::new().stack_size(64 << 20).spawn(move || runtime.block_on(pairs()));
    scene.unwrap().join().unwrap();
}

async fn pairs() {
    let server = PostgresServer::start().await;
    let setup = Setup {
        database_url: Some(server.database().await),
        settings: Box::new(|settings| settings.invitations_per_hour = 1_000_000),
        ..Setup::default()
    };
    let app = Arc::new(TestApp::with(setup).await);
    let second = Arc::new(app.sibling().await);
    let receiver = Receiver::new().await;
    let acme = app.organization("Acme").await;
    let other = app.beside(&acme, "Other").await;
    let alan = app.joins(&acme, "alan@example.com", "Alan Pemberton", "member").await;
    app.vestibule.roles().create(&acme.scope, "reader", "Reader", &[]).await.unwrap();
    let shared = shared(&app, &acme, &receiver.url).await;
    let mut figures = Figures::new("every pair of use cases at once (X40)", "PostgreSQL");
    let mut done: BTreeMap<Act, usize> = BTreeMap::new();
    for (n, (one, _)) in ALL.into_iter().enumerate() {
        for (two, _) in &ALL[n..] {
            for _ in 0..rounds(1, 50) {
                let (number, acts) = (figures.rounds, [one, *two]);
                let email = format!("grace{number}@example.com");
                let id = app.invites(&acme, &email).await;
                let token = link(&app, &acme, id).await;
                let is_among = |some: &[Act]| acts.iter().any(|act| some.contains(act));
                let leaver = match is_among(&[Act::RemoveMember, Act::Erase]) {
                    true => Some(leaver(&app, &acme, number).await),
                    false => None,
                };
                let ticket = match is_among(&[Act::UseTicket]) {
                    true => Some(ticket(&app, &acme, number).await),
                    false => None,
                };
                if is_among(&[Act::SettleHeld]) {
                    // as a restore leaves it
                    app.execute(HOLD).await;
                }
                if is_among(&[Act::RetryMail]) {
                    app.execute(&format!("update mails set state = 'failed' where recipient = '{email}'")).await;
                }
                let (acme, other, alan, shared) = (acme.clone(), other.clone(), alan.clone(), shared.clone());
                let stage = Stage { acme, other, alan, id, email, token, number, shared, leaver, ticket };
                let both = tokio::join!(one.run(&app, &stage, true), two.run(&second, &stage, false));
                assert!(is_fine(&both.0) && is_fine(&both.1), "{one:?} and {two:?}: {both:?}");
                figures.rounds += 1;
                for (act, result) in [(one, &both.0), (*two, &both.1)] {
                    *done.entry(act).or_default() += usize::from(result.is_ok());
                    figures.acknowledged += usize::from(result.is_ok());
                }
            }
        }
        app.advance(chrono::Duration::hours(2));
    }
    assert!(figures.acknowledged > figures.rounds, "most are done, and not refused: {figures:?} {done:?}");
    assert!(done.values().all(|times| *times > 0), "some are never done: {done:?}");
    let log = server.log();
    assert!(!log.contains(DEADLOCK), "{log}");
    deadlock(&server).await;
    assert!(server.log().contains(DEADLOCK), "the log would not have told: {}", server.log());
    figures.check();
}

/// Functions below this folder that write, as `file::function`.
fn writers(folder: &str) -> BTreeSet<String> {
    const CALLS: [&str; 5] = [".write(", ".write_in(", ".write_for(", ".write_if_it_can(", ".write(\n"];
    let (mut found, mut folders) =
        (BTreeSet::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/core/src").join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let (file, text) =
                (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap());
            let mut function = String::new();
            for line in text.split("#[cfg(test)]").next().unwrap().lines() {
                if let Some((_, rest)) = line.split_once("fn ") {
                    function = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned();
                }
                if CALLS.iter().any(|call| line.contains(call)) {
                    found.insert(format!("{file}::{function}"));
                }
            }
        }
    }
    found
}

#[test]
fn every_use_case_that_writes_is_in_the_pairs() {
    let written: BTreeSet<String> = writers("service").into_iter().chain(writers("worker")).collect();
    let named: Vec<&str> =
        ALL.iter().flat_map(|(_, writes)| writes.iter().copied()).chain(APART.map(|(name, _)| name)).collect();
    let named: BTreeSet<String> = named.into_iter().map(str::to_owned).collect();
    let missing: Vec<&String> = written.difference(&named).collect();
    let gone: Vec<&String> = named.difference(&written).collect();
    assert!(missing.is_empty(), "give each of these to an act, so that it meets all others: {missing:?}");
    assert!(gone.is_empty(), "these write no more, or are called otherwise: {gone:?}");
}

/// As each line of the log begins that tells of one, after its time.
const DEADLOCK: &str = " 40P01 ";

/// Two that wait for each other.
async fn deadlock(server: &PostgresServer) {
    let url = server.database().await;
    let connect = async || sqlx::PgConnection::connect(&url).await.unwrap();
    let (mut one, mut two) = (connect().await, connect().await);
    sqlx::raw_sql("create table t (id int); insert into t values (1), (2)").execute(&mut one).await.unwrap();
    sqlx::raw_sql("begin; update t set id = id where id = 1").execute(&mut one).await.unwrap();
    sqlx::raw_sql("begin; update t set id = id where id = 2").execute(&mut two).await.unwrap();
    let crossed =
        (sqlx::raw_sql("update t set id = id where id = 2"), sqlx::raw_sql("update t set id = id where id = 1"));
    let ended = tokio::join!(crossed.0.execute(&mut one), crossed.1.execute(&mut two));
    assert!(ended.0.is_err() != ended.1.is_err(), "{ended:?}");
}
