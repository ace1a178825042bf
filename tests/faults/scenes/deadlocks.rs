//! Every pair of use cases at once on one invitation, in two instances that share a PostgreSQL: each waits for its turn,
//! and the server never has to end one because of another.

use crate::{
    driver::{Figures, PostgresServer, rounds},
    harness::{Acme, PASSWORD, Setup, TestApp, cast::CLIENT},
};
use sqlx::Connection;
use std::sync::Arc;
use vestibule::{
    domain::{
        InvitationId, Permission,
        token::{Channel, Claims},
    },
    service::{Error, MemberEdit, OrganizationEdit, RoleEdit},
    worker,
};

#[derive(Clone, Copy, Debug)]
enum Act {
    Open,
    Accept,
    Decline,
    AskAgain,
    Resend,
    Revoke,
    InviteMany,
    EditMember,
    EditRole,
    EditOrganization,
    SignIn,
    ForgetPassword,
    Work,
    Prune,
}

const ALL: [Act; 14] = [
    Act::Open,
    Act::Accept,
    Act::Decline,
    Act::AskAgain,
    Act::Resend,
    Act::Revoke,
    Act::InviteMany,
    Act::EditMember,
    Act::EditRole,
    Act::EditOrganization,
    Act::SignIn,
    Act::ForgetPassword,
    Act::Work,
    Act::Prune,
];

struct Stage {
    acme: Acme,
    other: Acme,
    alan: Acme,
    id: InvitationId,
    token: String,
    number: usize,
}

impl Act {
    /// Does it; refusals that the other act brings about are as good as success.
    async fn run(self, app: &TestApp, stage: &Stage, is_first: bool) -> Result<(), Error> {
        let (vestibule, acme) = (&app.vestibule, &stage.acme);
        match self {
            Self::Open => vestibule.open(&stage.token).await.map(drop),
            Self::Accept => {
                let visit = vestibule.open(&stage.token).await?;
                vestibule.accept_as_new(visit.as_str(), "Grace Okafor", PASSWORD).await.map(drop)
            }
            Self::Decline => {
                let visit = vestibule.open(&stage.token).await?;
                vestibule.decline(visit.as_str(), "").await
            }
            Self::AskAgain => {
                let visit = vestibule.open(&stage.token).await?;
                vestibule.ask_again(visit.as_str(), CLIENT).await
            }
            Self::Resend => vestibule.resend(&acme.scope, stage.id).await.map(drop),
            Self::Revoke => vestibule.revoke(&acme.scope, stage.id).await.map(drop),
            Self::InviteMany => {
                // the same mailboxes, in either order, from two organizations
                let mut recipients: Vec<_> = (0..4).map(|n| format!("crowd{}.{n}@example.com", stage.number)).collect();
                if is_first {
                    recipients.reverse();
                }
                let at = if is_first { acme } else { &stage.other };
                let invite = app.invite(at, &recipients.join("\n"), "member").await;
                vestibule.invite(&at.scope, &invite).await.map(drop)
            }
            Self::EditMember => {
                let map = serde_json::json!({ "n": stage.number }).as_object().cloned();
                let edit = MemberEdit { metadata: map, ..MemberEdit::default() };
                vestibule.edit_member(&acme.scope, stage.alan.member_id(), &edit).await.map(drop)
            }
            Self::EditRole => {
                let role = app.role(acme, "reader").await;
                let permissions = if is_first { vec![] } else { vec![Permission::UserRead] };
                let edit = RoleEdit { permissions: Some(permissions), ..RoleEdit::default() };
                vestibule.edit_role(&acme.scope, role, &edit).await.map(drop)
            }
            Self::EditOrganization => {
                let edit =
                    OrganizationEdit { name: Some(format!("Acme {}", stage.number)), ..OrganizationEdit::default() };
                vestibule.edit_organization(&acme.scope, &edit).await.map(drop)
            }
            Self::SignIn => vestibule.sign_in(&stage.alan.owner, PASSWORD, CLIENT).await.map(drop),
            Self::ForgetPassword => vestibule.forgot_password(&stage.alan.owner, CLIENT).await,
            Self::Work => worker::tick(vestibule).await.map(drop),
            Self::Prune => worker::prune(vestibule).await.map(drop),
        }
    }
}

/// What the mail holds.
async fn link(app: &TestApp, at: &Acme, invitation_id: InvitationId) -> String {
    let generation = app.invitation(at, invitation_id).await.generation;
    app.keys.token(Claims { invitation_id, generation, channel: Channel::Mail }).as_str().to_owned()
}

/// What the other act may have brought about.
fn is_fine(result: &Result<(), Error>) -> bool {
    !matches!(result, Err(Error::Internal(_) | Error::Busy(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_use_cases_ever_wait_for_each_other() {
    let server = PostgresServer::start().await;
    let setup = Setup {
        database_url: Some(server.database().await),
        settings: Box::new(|settings| settings.invitations_per_hour = 1_000_000),
        ..Setup::default()
    };
    let app = Arc::new(TestApp::with(setup).await);
    let second = Arc::new(app.sibling().await);
    let acme = app.organization("Acme").await;
    let other = app.beside(&acme, "Other").await;
    let alan = app.joins(&acme, "alan@example.com", "Alan Pemberton", "member").await;
    app.vestibule.create_role(&acme.scope, "reader", "Reader", &[]).await.unwrap();
    let mut figures = Figures::new("every pair of use cases at once (X40)", "PostgreSQL");
    for (n, one) in ALL.into_iter().enumerate() {
        for two in &ALL[n..] {
            for _ in 0..rounds(2, 200) {
                let number = figures.rounds;
                let id = app.invites(&acme, &format!("grace{number}@example.com")).await;
                let token = link(&app, &acme, id).await;
                let stage = Stage { acme: acme.clone(), other: other.clone(), alan: alan.clone(), id, token, number };
                let both = tokio::join!(one.run(&app, &stage, true), two.run(&second, &stage, false));
                assert!(is_fine(&both.0) && is_fine(&both.1), "{one:?} and {two:?}: {both:?}");
                figures.rounds += 1;
                figures.acknowledged += usize::from(both.0.is_ok()) + usize::from(both.1.is_ok());
            }
        }
        app.advance(chrono::Duration::hours(1));
    }
    assert!(figures.acknowledged > figures.rounds, "most are done, and not refused: {figures:?}");
    let log = server.log();
    assert!(!log.contains(DEADLOCK), "{log}");
    deadlock(&server).await;
    assert!(server.log().contains(DEADLOCK), "the log would not have told: {}", server.log());
    figures.check();
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
