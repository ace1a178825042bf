//! The process is killed while invitees answer and their invitations are taken back and sent again: each answer that
//! was acknowledged is there, once, and no invitation has two ends.

use crate::driver::{Api, Figures, Installation, Ledger, Organization, PostgresServer, Told, randomness, rounds, send};
use crate::harness::{PASSWORD, program::until};
use rand::RngExt;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use vestibule_domain::token::{Channel, LinkClaims, SigningKeys};

const CLIENTS: usize = 12;

/// What is done to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Accept,
    Decline,
    Revoke,
    Resend,
    /// Both at once: one of them at most is acknowledged.
    AcceptAndRevoke,
}

const DEEDS: [Deed; 5] = [Deed::Accept, Deed::Revoke, Deed::Decline, Deed::Resend, Deed::AcceptAndRevoke];

/// Where invitees open their links.
#[derive(Clone)]
struct Door {
    http: reqwest::Client,
    url: String,
    signing_keys: SigningKeys,
}

impl Door {
    fn new(installation: &Installation, address: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, url: format!("http://{address}"), signing_keys: installation.keys() }
    }

    /// Opens the mailed link. Returns the cookie of the acceptance session and its name; none if the program is gone.
    async fn open(&self, id: &str) -> Option<(String, String)> {
        let claims = LinkClaims { invitation_id: id.parse().unwrap(), generation: 1, channel: Channel::Mail };
        let token = self.signing_keys.token(claims);
        let opened = self.http.get(format!("{}/i/{}", self.url, token.as_str())).send().await.ok()?;
        let header = |name| opened.headers().get(name)?.to_str().ok();
        let cookie = header(SET_COOKIE)?.split(';').next()?.to_owned();
        Some((cookie, header(LOCATION)?.split_once("offer=")?.1.to_owned()))
    }

    /// Answers with this form.
    async fn answer(&self, id: &str, path: &str, fields: &[(&str, &str)]) -> Told {
        let nothing = Told { status: None, retry_after: false, text: String::new(), took: Duration::ZERO };
        let Some((cookie, offer)) = self.open(id).await else { return nothing };
        let fields = [fields, &[("offer", &*offer)]].concat();
        let request = self.http.post(format!("{}{path}", self.url)).header(COOKIE, cookie);
        send(request.header("sec-fetch-site", "same-origin").form(&fields)).await
    }

    async fn accept(&self, id: &str) -> Told {
        self.answer(id, "/accept", &[("name", "Grace Okafor"), ("password", PASSWORD)]).await
    }

    async fn decline(&self, id: &str) -> Told {
        self.answer(id, "/accept/decline", &[]).await
    }
}

/// Pages acknowledge by leading on.
fn is_led_on(told: &Told) -> bool {
    told.status == Some(303)
}

struct Stage {
    ledger: Ledger,
    next: AtomicUsize,
    /// The end that the ledger has of each, in the order of acknowledgement.
    accepted: AtomicUsize,
}

/// Does one deed after another, each to an invitation of its own, until the program is gone.
async fn act_on(stage: Arc<Stage>, api: Api, door: Door) -> Vec<Told> {
    let mut heard = Vec::new();
    loop {
        let n = stage.next.fetch_add(1, Ordering::Relaxed);
        let (action_phrase, email) = (DEEDS[n % DEEDS.len()], format!("person{n}@example.com"));
        let invited = api.invite(&email, &email).await;
        let Some(id) = invited.id() else {
            heard.push(invited);
            return heard;
        };
        let (mut done, mut is_gone) = (Vec::new(), false);
        let mut note = |what: &'static str, told: Told, is_done: bool| {
            if is_done {
                done.push(what);
            }
            is_gone |= told.status.is_none();
            heard.push(told);
        };
        match action_phrase {
            Deed::Accept => {
                let told = door.accept(&id).await;
                let is_done = is_led_on(&told);
                note("accepted", told, is_done);
            }
            Deed::Decline => {
                let told = door.decline(&id).await;
                // the page itself says that it is done
                let is_done = is_led_on(&told) || told.is_success();
                note("declined", told, is_done);
            }
            Deed::Revoke => {
                let told = api.revoke(&id).await;
                let is_done = told.is_success();
                note("revoked", told, is_done);
            }
            Deed::Resend => {
                let told = api.post(&format!("/invitations/{id}/resend"), Some(&id), &serde_json::json!({})).await;
                let is_done = told.is_success();
                note("resent", told, is_done);
            }
            Deed::AcceptAndRevoke => {
                let (accept, revoke) = tokio::join!(door.accept(&id), api.revoke(&id));
                let (accepted, revoked) = (is_led_on(&accept), revoke.is_success());
                note("accepted", accept, accepted);
                note("revoked", revoke, revoked);
            }
        }
        for what in done {
            stage.ledger.acknowledged(&format!("{what} {id}"), &id);
            stage.accepted.fetch_add(1, Ordering::Relaxed);
        }
        if is_gone {
            return heard;
        }
    }
}

/// What the ledger has that is not so.
async fn compare(installation: &Installation, organization: &Organization, stage: &Stage, figures: &mut Figures) {
    let (program, address, _) = installation.start_ready().await;
    let all = organization.api(&address).invitations().await;
    for key in stage.ledger.entries().keys() {
        let (what, id) = key.split_once(' ').unwrap();
        let invitation = all.iter().find(|invitation| invitation["id"] == id);
        let is_so = invitation.is_some_and(|invitation| match what {
            "resent" => invitation["status"] == "pending",
            end => invitation["status"] == end,
        });
        if !is_so {
            eprintln!("{key} was acknowledged, and is {:?}", invitation.map(|invitation| &invitation["status"]));
            figures.lost += 1;
        }
    }
    drop(program);
    // two ends of one invitation, more than one member by it, more or fewer events than one
    for (what, sql) in crate::driver::IMPOSSIBLE {
        let count = installation.count(sql).await;
        if count > 0 {
            eprintln!("{count} {what}");
        }
        figures.doubled += count;
    }
    let resent = "select count(*) from (select invitation_id from events where action = 'invitation.resent'
        group by invitation_id having count(*) > 1) twice";
    figures.doubled += installation.count(resent).await;
}

async fn killed(installation: Installation, database: &str) {
    let mut random = randomness();
    let organization = installation.organization("acme").await;
    let (ledger, next, accepted) = (Ledger::new(installation.folder()), AtomicUsize::new(0), AtomicUsize::new(0));
    let stage = Arc::new(Stage { ledger, next, accepted });
    let mut figures = Figures::new("kill -9 while people answer (X2)", database);
    for _ in 0..rounds(3, 50) {
        let (mut program, address, _) = installation.start_ready().await;
        let (before, begun) = (stage.accepted.load(Ordering::Relaxed), Instant::now());
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let (api, door) = (organization.api(&address), Door::new(&installation, &address));
            clients.spawn(act_on(Arc::clone(&stage), api, door));
        }
        until("answers", async || stage.accepted.load(Ordering::Relaxed) > before + 10).await;
        let pause = Duration::from_millis(random.random_range(200..1_500)).saturating_sub(begun.elapsed());
        tokio::time::sleep(pause + Duration::from_millis(random.random_range(0..100))).await;
        program.kill().await;
        for told in clients.join_all().await.into_iter().flatten() {
            figures.count(&told);
        }
        figures.rounds += 1;
    }
    compare(&installation, &organization, &stage, &mut figures).await;
    // pages acknowledge by leading on, which the count of answers does not know
    figures.acknowledged = stage.accepted.load(Ordering::Relaxed);
    installation.check().await;
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_acknowledged_outlives_the_process_on_sqlite() {
    killed(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_acknowledged_outlives_the_process_on_postgres() {
    let server = PostgresServer::start().await;
    killed(Installation::on_postgres(&server).await, "PostgreSQL").await;
}
