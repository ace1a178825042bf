//! What it costs to render a page, in CPU time: the list of invitations with 50 rows, from what was read to the whole
//! document. Once through `leptos_axum`, as the portal does it, and once straight to text, in turns.
//!
//! `cargo bench --bench render`

use axum::http::StatusCode;
use hydration_context::SsrSharedContext;
use leptos::{nonce::provide_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::{ServerMetaContext, provide_meta_context};
use rustix::time::{ClockId, clock_gettime};
use std::{hint::black_box, sync::Arc};
use vestibule::app::{invitations::Index, portal_context::framed, shell::render};
use vestibule_domain::{
    Clock, Counts, CursorPage, EmailAddress, Instant, Invitation, InvitationId, InvitationList, InvitationRow, Inviter,
    MailState, Metadata, Name, Organization, OrganizationId, Permission, PortalFrame, Power, ResourceLimit, Role,
    RoleId, Slug, State, Status, SystemClock, User, UserId,
};
use vestibule_functions::server::{InvitationQuery, invitation_list::ReadList};

const ROWS: usize = 50;
/// Pages in a turn, and turns of each way.
const PAGES: u32 = 200;
const TURNS: u32 = 10;

fn people(now: Instant) -> (PortalFrame, InvitationList) {
    let organization = Organization {
        id: OrganizationId::new(now),
        slug: Slug::stored("saltmarsh".to_owned()),
        name: Name::stored("Saltmarsh Press".to_owned()),
        invitation_lifetime_days: 7,
        reminder_days: None,
        allowed_domains: Vec::new(),
        redirect_origins: Vec::new(),
        invitation_retention_days: None,
        mail_retention_days: None,
        created_at: now,
    };
    let role = Role {
        id: RoleId::new(now),
        organization_id: organization.id,
        key: Role::OWNER.to_owned(),
        name: "Owner".to_owned(),
        permissions: Permission::ALL.to_vec(),
    };
    let user = User {
        id: UserId::new(now),
        email: email("ada@saltmarsh.example"),
        name: Name::stored("Ada Byrne".to_owned()),
        is_email_verified: true,
        created_at: now,
    };
    let items = (0..ROWS).map(|number| row(number, &organization, &role, &user, now)).collect();
    let list = InvitationList {
        page: CursorPage { items, newer: None, older: Some("older".to_owned()) },
        counts: Counts::exact(vec![(Status::Pending, 4_812)]),
        power: Power::new(Permission::ALL.to_vec(), ResourceLimit::default()),
        now,
    };
    let portal_frame = PortalFrame {
        user,
        organizations: vec![organization.clone()],
        organization,
        permissions: Permission::ALL.to_vec(),
        limit: ResourceLimit::default(),
        roles: vec![role],
        pending: 4_812,
        members: 12,
        failed_mails: 0,
        jobs: Vec::new(),
    };
    (portal_frame, list)
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::stored(text.to_owned(), text.to_owned())
}

fn row(number: usize, organization: &Organization, role: &Role, user: &User, now: Instant) -> InvitationRow {
    InvitationRow {
        invitation: Invitation {
            id: InvitationId::new(now),
            organization_id: organization.id,
            email: email(&format!("invitee-{number}@example.com")),
            name: Some(Name::stored(format!("Invitee Number{number}"))),
            role_ids: vec![role.id],
            resource_ids: Vec::new(),
            message: None,
            metadata: Metadata::default(),
            redirect_url: None,
            locale: None,
            inviter: Inviter::User(user.id),
            generation: 1,
            last_generation: None,
            state: State::Pending,
            created_at: now,
            issued_at: now,
            expires_at: now + chrono::Duration::days(7),
            mail_state: MailState::Sent,
        },
        status: Status::Pending,
        inviter: user.name.clone(),
        roles: vec![role.clone()],
        resources: Vec::new(),
    }
}

fn document((portal_frame, list): (PortalFrame, InvitationList)) -> impl IntoView {
    let options = LeptosOptions::builder().output_name("vestibule").site_pkg_dir("pkg/1").build();
    let (path, now) = ("/o/saltmarsh/invitations".to_owned(), list.now);
    let query = InvitationQuery::default();
    let read = ReadList { list, query: query.clone(), picked: Vec::new(), inviter: None, slug: "saltmarsh".to_owned() };
    let page = read.page();
    framed(options, now, portal_frame, path, move || view! { <Index page query has_mail_server=true/> }.into_any())
}

/// Returns the length of a page that is rendered as the portal does it.
async fn by_leptos_axum(read: (PortalFrame, InvitationList)) -> usize {
    let response = render(StatusCode::OK, move || document(read)).await;
    axum::body::to_bytes(response.into_body(), usize::MAX).await.map_or(0, |body| body.len())
}

/// Returns the length of a page that is one text from one view, without anything around it.
fn straight(read: (PortalFrame, InvitationList)) -> usize {
    // islands have children, which Leptos keeps in the root's context
    Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands()))).with(|| {
        let (context, _output) = ServerMetaContext::new();
        provide_context(context);
        provide_meta_context();
        provide_nonce();
        provide_context(ResponseOptions::default());
        document(read).to_html().len()
    })
}

/// The CPU time of the process, in microseconds.
fn cpu() -> i64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    any_spawner::Executor::init_tokio().expect("nobody has set another");
    let read = people(SystemClock.now());
    let (mut framework, mut text) = (i64::MAX, i64::MAX);
    let (mut sizes, mut cloning) = ((0, 0), i64::MAX);
    for _ in 0..TURNS {
        let begun = cpu();
        for _ in 0..PAGES {
            black_box(read.clone());
        }
        cloning = cloning.min(cpu() - begun);
        let begun = cpu();
        for _ in 0..PAGES {
            sizes.0 = black_box(by_leptos_axum(read.clone()).await);
        }
        framework = framework.min(cpu() - begun);
        let begun = cpu();
        for _ in 0..PAGES {
            sizes.1 = black_box(straight(read.clone()));
        }
        text = text.min(cpu() - begun);
    }
    let millis = |micros: i64| micros as f64 / f64::from(PAGES) / 1_000.0;
    println!("the list of invitations with {ROWS} rows, CPU per page, best of {TURNS} turns of {PAGES} pages:");
    println!("  leptos_axum   {:.3} ms  {} bytes", millis(framework - cloning), sizes.0);
    println!("  straight      {:.3} ms  {} bytes", millis(text - cloning), sizes.1);
}
