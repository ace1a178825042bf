//! Every pair of answers to one invitation at once, and two hundred acceptances of one link: one winner, a typed
//! refusal for everybody else, and events in the order of the states. On PostgreSQL over two instances.

use crate::driver::{Figures, IMPOSSIBLE, PostgresServer, rounds};
use crate::harness::{Acme, Setup, TestApp, cast::CLIENT};
use chrono::Duration;
use futures::future::join_all;
use std::time::Instant;
use vestibule_core::service::{AcceptanceSessionToken, Conflict, Error, InvitationConflict, RequestConflict};
use vestibule_core::worker;
use vestibule_domain::{
    Event, Fact, InvitationEdit, InvitationId, Status,
    token::{Channel, LinkClaims},
};

const AT_ONCE: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Accept,
    Decline,
    Revoke,
    Resend,
    Edit,
    Expire,
    AskAgain,
}

const MOVES: [Move; 7] =
    [Move::Accept, Move::Decline, Move::Revoke, Move::Resend, Move::Edit, Move::Expire, Move::AskAgain];

struct Stage {
    /// One, or two that share a database.
    instances: Vec<TestApp>,
    acme: Acme,
}

/// One invitation, and two browsers that have opened its link.
struct Race {
    id: InvitationId,
    acceptance_sessions: [AcceptanceSessionToken; 2],
    grace: Acme,
}

impl Stage {
    async fn on(database_url: Option<String>) -> Self {
        let is_shared = database_url.is_some();
        let settings = |settings: &mut vestibule_core::service::Settings| settings.invitations_per_hour = 10_000_000;
        let setup = Setup { database_url, settings: Box::new(settings), ..Setup::default() };
        let first = TestApp::with(setup).await;
        let acme = first.organization("Acme").await;
        let mut instances = vec![first];
        if is_shared {
            instances.push(instances[0].sibling().await);
        }
        Self { instances, acme }
    }

    fn instance(&self, n: usize) -> &TestApp {
        &self.instances[n % self.instances.len()]
    }

    async fn open(&self, id: InvitationId, n: usize) -> AcceptanceSessionToken {
        let claims = LinkClaims { invitation_id: id, generation: 1, channel: Channel::Mail };
        let token = self.instances[0].signing_keys.token(claims);
        self.instance(n).vestibule.acceptance().open(token.as_str()).await.unwrap()
    }

    /// The invitee has an account already: hashing a password would keep the two apart.
    async fn race(&self, grace: &Acme, at: &Acme) -> Race {
        let id = self.instances[0].invites(at, &grace.owner).await;
        let acceptance_sessions = [self.open(id, 0).await, self.open(id, 1).await];
        Race { id, acceptance_sessions, grace: grace.clone() }
    }

    async fn go(&self, step: Move, race: &Race, at: &Acme, n: usize) -> Result<(), Error> {
        let (vestibule, acceptance_session) = (&self.instance(n).vestibule, race.acceptance_sessions[n].as_str());
        match step {
            Move::Accept => vestibule.acceptance().accept(acceptance_session, &race.grace.user).await.map(drop),
            Move::Decline => vestibule.acceptance().decline(acceptance_session, "").await,
            Move::Revoke => vestibule.invitations().revoke(&at.scope, race.id).await.map(drop),
            Move::Resend => vestibule.invitations().resend(&at.scope, race.id).await.map(drop),
            Move::Edit => {
                let edit = InvitationEdit { message: Some(format!("Words {n}")), ..InvitationEdit::default() };
                vestibule.invitations().edit(&at.scope, race.id, &edit).await.map(drop)
            }
            Move::Expire => {
                self.instance(n).advance(Duration::seconds(1));
                worker::tick(vestibule).await.map(drop)
            }
            Move::AskAgain => vestibule.acceptance().ask_again(acceptance_session, CLIENT).await,
        }
    }

    /// Numbers without a gap; the last end that the events tell is the state, and it is the only one that nobody reopened.
    async fn check_order(&self, at: &Acme, id: InvitationId) -> Status {
        let detail = self.instances[0].vestibule.invitations().detail(&at.scope, id).await.unwrap();
        let mut ends = Vec::new();
        for Event { fact, .. } in detail.events.iter().rev() {
            // who resends after the end reopens it
            if matches!(fact, Fact::InvitationResent { .. }) {
                ends.retain(|end| *end != Status::Expired);
            }
            ends.extend(end(fact));
        }
        // an expired invitation may be over by the clock before anybody has written it down
        let is_written = detail.row.status != Status::Expired || !ends.is_empty();
        let expected =
            if detail.row.status == Status::Pending || !is_written { vec![] } else { vec![detail.row.status] };
        assert_eq!(ends, expected, "{:?}", detail.events);
        assert!(detail.events.windows(2).all(|pair| pair[0].number > pair[1].number));
        detail.row.status
    }
}

fn end(fact: &Fact) -> Option<Status> {
    match fact.action() {
        "invitation.accepted" => Some(Status::Accepted),
        "invitation.revoked" => Some(Status::Revoked),
        "invitation.declined" => Some(Status::Declined),
        "invitation.expired" => Some(Status::Expired),
        _ => None,
    }
}

/// The state that this leaves if it is done; none if it stays open, or if it is done without finding anything.
fn leaves(step: Move) -> Option<Status> {
    match step {
        Move::Accept => Some(Status::Accepted),
        Move::Decline => Some(Status::Declined),
        Move::Revoke => Some(Status::Revoked),
        Move::Expire | Move::Resend | Move::Edit | Move::AskAgain => None,
    }
}

/// The refusals that the other may have brought about.
fn is_typed(result: &Result<(), Error>) -> bool {
    matches!(
        result,
        Ok(())
            | Err(Error::Closed(_)
                | Error::Conflict(
                    Conflict::Invitation(InvitationConflict::Replaced | InvitationConflict::AlreadyMember)
                        | Conflict::Request(RequestConflict::Changed)
                ))
    )
}

async fn pairs(stage: Stage, database: &str) {
    let mut figures = Figures::new("every pair of answers at once (X5)", database);
    let app = &stage.instances[0];
    let grace = app.joins(&stage.acme, "grace@example.com", "Grace Okafor", "member").await;
    for (n, one) in MOVES.into_iter().enumerate() {
        for two in &MOVES[n..] {
            for _ in 0..rounds(2, 500) {
                // a new organization each time: one accepts once in each
                let at = app.beside(&stage.acme, &format!("Org {}", figures.rounds)).await;
                let race = stage.race(&grace, &at).await;
                if [one, *two].contains(&Move::Expire) {
                    let end = Some(app.vestibule.now() + Duration::seconds(1));
                    let edit = InvitationEdit { expires_at: end, ..InvitationEdit::default() };
                    app.vestibule.invitations().edit(&at.scope, race.id, &edit).await.unwrap();
                }
                let begun = Instant::now();
                let both = tokio::join!(stage.go(one, &race, &at, 0), stage.go(*two, &race, &at, 1));
                figures.longest = figures.longest.max(begun.elapsed());
                assert!(is_typed(&both.0) && is_typed(&both.1), "{one:?} and {two:?}: {both:?}");
                let status = stage.check_order(&at, race.id).await;
                let done = [(one, &both.0), (*two, &both.1)].into_iter().filter(|(_, done)| done.is_ok());
                let ends: Vec<Status> = done.filter_map(|(step, _)| leaves(step)).collect();
                figures.doubled += ends.len().saturating_sub(1);
                assert!(ends.is_empty() || ends == [status], "{one:?} and {two:?}: {both:?}, and it is {status:?}");
                figures.acknowledged += usize::from(both.0.is_ok()) + usize::from(both.1.is_ok());
                figures.rounds += 1;
                // one mailbox gets a hundred emails a day
                app.advance(Duration::minutes(15));
            }
        }
    }
    finds_nothing_impossible(app).await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_at_once_one_wins_on_sqlite() {
    pairs(Stage::on(None).await, "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_at_once_one_wins_over_two_instances_on_postgres() {
    let server = PostgresServer::start().await;
    pairs(Stage::on(Some(server.database().await)).await, "PostgreSQL").await;
    let log = server.log();
    assert!(!log.contains(" 40P01 "), "{log}");
}

async fn finds_nothing_impossible(app: &TestApp) {
    for (what, sql) in IMPOSSIBLE {
        assert_eq!(app.count(sql).await, 0, "{what}");
    }
}

/// Over HTTP, half of them at each instance, with a browser for each.
async fn crowd(stage: Stage, scene: &str, database: &str) {
    let mut figures = Figures::new(scene, database);
    let app = &stage.instances[0];
    let grace = app.joins(&stage.acme, "grace@example.com", "Grace Okafor", "member").await;
    for _ in 0..rounds(1, 20) {
        let at = app.beside(&stage.acme, &format!("Org {}", figures.rounds)).await;
        let id = app.invites(&at, "grace@example.com").await;
        let token = app.signing_keys.token(LinkClaims { invitation_id: id, generation: 1, channel: Channel::Mail });
        let clients = join_all((0..AT_ONCE).map(async |n| {
            let client = stage.instance(n).client_of(&grace.session);
            assert_eq!(client.get(&format!("/i/{}", token.as_str())).await.status, 303);
            client
        }));
        let clients = clients.await;
        let answers = join_all(clients.iter().map(async |client| {
            let begun = Instant::now();
            (client.post("/accept", &[]).await.status.as_u16(), begun.elapsed())
        }));
        let answers = answers.await;
        let count = |status: u16| answers.iter().filter(|(answer, _)| *answer == status).count();
        assert_eq!((count(303), count(410) + count(409) + count(503)), (1, AT_ONCE - 1), "{answers:?}");
        figures.put_off += count(503);
        figures.longest = answers.iter().map(|(_, took)| *took).fold(figures.longest, std::cmp::max);
        assert_eq!(stage.check_order(&at, id).await, Status::Accepted);
        assert_eq!(app.vestibule.members().all(&at.scope).await.unwrap().len(), 2);
        figures.acknowledged += 1;
        figures.rounds += 1;
        app.advance(Duration::minutes(15));
    }
    finds_nothing_impossible(app).await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_acceptances_one_is_taken_on_sqlite() {
    crowd(Stage::on(None).await, "200 accept one link at once (X3)", "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_acceptances_over_two_instances_one_is_taken_on_postgres() {
    let server = PostgresServer::start().await;
    let stage = Stage::on(Some(server.database().await)).await;
    crowd(stage, "200 accept one link at once, over two instances (X4)", "PostgreSQL").await;
}
