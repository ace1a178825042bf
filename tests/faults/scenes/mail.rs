//! Mail servers and webhooks that hang, processes that are killed and stopped while they send, and a database that
//! fails in between: nothing is lost, nobody waits for another, and only a kill repeats anything.

use crate::driver::{Api, Figures, Installation, Organization, PostgresServer, rounds, signal};
use crate::harness::{
    Program, Receiver,
    program::until,
    smtp::{Answer, Received, Script, SmtpServer, Stage},
};
use serde_json::json;
use std::{
    collections::HashSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

const CLIENTS: usize = 16;
/// So many may be in conversation while the mail server answers.
const IN_CONVERSATION: usize = 4;
const SENT: &str = "select count(*) from mails where state = 'sent'";
const LEASED: &str = "select count(*) from mails where leased_until is not null";
const OPEN: &str = "select count(*) from mails where state in ('queued', 'deferred')";

/// Invites so many, several at a time. Returns how many were acknowledged.
async fn invite(api: &Api, figures: &mut Figures, from: usize, many: usize) -> usize {
    let (next, mut clients) = (std::sync::Arc::new(AtomicUsize::new(from)), JoinSet::new());
    for _ in 0..CLIENTS.min(many) {
        let (api, next) = (api.clone(), std::sync::Arc::clone(&next));
        clients.spawn(async move {
            let mut heard = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= from + many {
                    return heard;
                }
                heard.push(api.invite(&format!("person{n}@example.com"), &format!("person{n}")).await);
            }
        });
    }
    let before = figures.acknowledged;
    clients.join_all().await.iter().flatten().for_each(|told| figures.count(told));
    figures.acknowledged - before
}

/// So many mails wait; the program that took them had no mail server, and has ended.
async fn queued(installation: &Installation, figures: &mut Figures, many: usize) -> Organization {
    let organization = installation.organization("acme").await;
    let (program, address, _) = installation.start_ready().await;
    assert_eq!(invite(&organization.api(&address), figures, 0, many).await, many);
    drop(program);
    organization
}

fn distinct(received: &[Received]) -> usize {
    received.iter().map(|mail| mail.message_id().to_owned()).collect::<HashSet<_>>().len()
}

fn slow(millis: u64) -> Script {
    Script::in_clear().always(Stage::Content, Answer::Late(Duration::from_millis(millis)))
}

/// Ends by itself within this time.
async fn ends(program: &mut Program, limit: Duration) -> Duration {
    let begun = Instant::now();
    signal("TERM", &[program.id()]);
    let status = timeout(limit, program.ended()).await.expect("it ends in time");
    assert!(status.success(), "{status}");
    begun.elapsed()
}

async fn hangs(installation: Installation, database: &str) {
    let mut figures = Figures::new("10 of 100 recipients hang (X43)", database);
    queued(&installation, &mut figures, 100).await;
    let server = SmtpServer::start(Script::in_clear()).await;
    let installation = installation.with("VESTIBULE_SMTP_URL", &server.url());
    for stage in [Stage::Greeting, Stage::Rcpt, Stage::Data, Stage::Content] {
        server.behave((0..10).fold(Script::in_clear(), |script, _| script.once(stage, Answer::Hang)));
        installation.execute("update mails set state = 'queued', attempts = 0, leased_until = null").await;
        let (mut program, _, _) = installation.start_ready().await;
        let begun = Instant::now();
        until("the ninety", async || installation.count(SENT).await == 90).await;
        figures.longest = figures.longest.max(begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(5), "{stage:?}: {:?}", begun.elapsed());
        program.kill().await;
        figures.rounds += 1;
    }
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_of_a_hundred_hang_and_ninety_are_out_within_five_seconds_on_sqlite() {
    hangs(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_of_a_hundred_hang_and_ninety_are_out_within_five_seconds_on_postgres() {
    let server = PostgresServer::start().await;
    hangs(Installation::on_postgres(&server).await, "PostgreSQL").await;
}

async fn urgent(installation: Installation, database: &str) {
    let mut figures = Figures::new("a password mail behind 800 invitations (X44)", database);
    queued(&installation, &mut figures, 800).await;
    let server = SmtpServer::start(slow(50)).await;
    let installation = installation.with("VESTIBULE_SMTP_URL", &server.url());
    let (_program, address, _) = installation.start_ready().await;
    let api = Api::new(&address, "acme", "");
    until("the first mails", async || server.received().len() >= 10).await;
    let asked = Instant::now();
    let told = api.post_page("/forgot-password", "203.0.113.7", &[("email", "ada@acme.example")]).await;
    figures.count(&told);
    let is_out = || server.received().iter().any(|mail| mail.to == ["ada@acme.example"]);
    until("the password mail", async || is_out()).await;
    (figures.longest, figures.rounds) = (asked.elapsed(), 1);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert!(server.received().len() < 400, "they had not all gone before");
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_mail_goes_before_eight_hundred_invitations_on_sqlite() {
    urgent(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_mail_goes_before_eight_hundred_invitations_on_postgres() {
    let server = PostgresServer::start().await;
    urgent(Installation::on_postgres(&server).await, "PostgreSQL").await;
}

/// An address that takes connections and never answers.
async fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    url
}

async fn silent_webhooks(installation: Installation, database: &str) {
    let mut figures = Figures::new("20 silent webhooks of another organization (X45)", database);
    let (mine, other) = (installation.organization("mine").await, installation.organization("other").await);
    let (_program, address, _) = installation.start_ready().await;
    let (mine, other) = (mine.api(&address), other.api(&address));
    let listen = |url: String| json!({ "url": url, "actions": ["invitation.created"] });
    for _ in 0..20 {
        let told = other.post("/webhooks", None, &listen(silent().await)).await;
        assert!(told.is_success(), "{told:?}");
    }
    let receiver = Receiver::new().await;
    assert!(mine.post("/webhooks", None, &listen(receiver.url.clone())).await.is_success());
    invite(&other, &mut figures, 0, 20).await;
    let leased = "select count(*) from webhook_deliveries where leased_until is not null";
    until("all that hang", async || installation.count(leased).await == 80).await;
    let begun = Instant::now();
    invite(&mine, &mut figures, 0, 20).await;
    until("mine", async || receiver.requests().len() == 20).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    (figures.longest, figures.rounds) = (begun.elapsed(), 1);
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_silent_webhooks_of_another_organization_do_not_delay_mine_on_sqlite() {
    silent_webhooks(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_silent_webhooks_of_another_organization_do_not_delay_mine_on_postgres() {
    let server = PostgresServer::start().await;
    silent_webhooks(Installation::on_postgres(&server).await, "PostgreSQL").await;
}

/// Killed again and again; what it held is repeated at most, and all else goes on at once.
async fn killed(installation: Installation, database: &str) {
    let mut figures = Figures::new("kill -9 while mail is sent", database);
    let (rounds, each) = (rounds(3, 20), 60);
    let many = rounds * each + 200;
    queued(&installation, &mut figures, many).await;
    let server = SmtpServer::start(slow(100)).await;
    let installation = installation.with("VESTIBULE_SMTP_URL", &server.url());
    let mut repeatable = 0;
    for _ in 0..rounds {
        let before = server.received().len();
        let (mut program, _, _) = installation.start_ready().await;
        let begun = Instant::now();
        until("the next mails", async || server.received().len() > before + IN_CONVERSATION).await;
        figures.longest = figures.longest.max(begun.elapsed());
        until("many mails", async || server.received().len() >= before + each).await;
        program.kill().await;
        repeatable += IN_CONVERSATION;
        figures.rounds += 1;
    }
    assert!(figures.longest < Duration::from_secs(5), "{figures:?}");
    // the leases of those that were killed lapse by the clock, not by waiting
    installation.execute("update mails set leased_until = created_at where leased_until is not null").await;
    server.behave(Script::in_clear());
    let (mut program, _, _) = installation.start_ready().await;
    until("all", async || installation.count(OPEN).await == 0).await;
    program.kill().await;
    let received = server.received();
    let repeated = received.len() - distinct(&received);
    figures.lost = many - distinct(&received);
    println!("{database}: {repeated} of {many} mails were repeated by {rounds} kills");
    assert!(repeated <= repeatable, "{repeated} repeated, {repeatable} were in conversation");
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_repeats_at_most_what_was_in_conversation_on_sqlite() {
    killed(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_repeats_at_most_what_was_in_conversation_on_postgres() {
    let server = PostgresServer::start().await;
    killed(Installation::on_postgres(&server).await, "PostgreSQL").await;
}

async fn stopped(installation: Installation, database: &str) {
    let mut figures = Figures::new("SIGTERM with 1,000 mails queued (X46)", database);
    let rounds = rounds(3, 10);
    queued(&installation, &mut figures, 1_000).await;
    let server = SmtpServer::start(slow(100)).await;
    let installation = installation.with("VESTIBULE_SMTP_URL", &server.url());
    for _ in 0..rounds {
        let before = server.received().len();
        let (mut program, _, _) = installation.start_ready().await;
        until("some mails", async || server.received().len() >= before + 20).await;
        let took = ends(&mut program, Duration::from_secs(5)).await;
        figures.longest = figures.longest.max(took);
        assert_eq!((installation.count(LEASED).await, installation.count(SENT).await), (0, server.received().len()));
        figures.rounds += 1;
    }
    server.behave(Script::in_clear());
    let (mut program, _, _) = installation.start_ready().await;
    until("all", async || installation.count(SENT).await == 1_000).await;
    program.kill().await;
    let received = server.received();
    (figures.lost, figures.doubled) = (1_000 - distinct(&received), received.len() - distinct(&received));
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_with_a_thousand_mails_it_ends_soon_and_repeats_none_on_sqlite() {
    stopped(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_with_a_thousand_mails_it_ends_soon_and_repeats_none_on_postgres() {
    let server = PostgresServer::start().await;
    stopped(Installation::on_postgres(&server).await, "PostgreSQL").await;
}

/// The n-th of what is written down as sent fails, for each n in turn, and is written down later.
async fn unsaved(installation: Installation, database: &str) {
    let mut figures = Figures::new("saving the n-th sent mail fails (X47)", database);
    let many = rounds(12, 60);
    queued(&installation, &mut figures, many).await;
    let server = SmtpServer::start(slow(20)).await;
    let installation = installation.with("VESTIBULE_SMTP_URL", &server.url());
    let is_sqlite = database == "SQLite";
    for n in 1..=many {
        let when = format!("new.state = 'sent' and new.recipient = 'person{}@example.com'", n - 1);
        let sqlite = format!(
            "create trigger no_saving before update of state on mails when {when} begin select raise(abort, 'no'); end"
        );
        let postgres = format!(
            "create or replace function no_saving() returns trigger language plpgsql as $$ begin if {when} then raise exception 'no'; end if; return new; end $$; create trigger no_saving before update of state on mails for each row execute function no_saving()"
        );
        installation.execute(if is_sqlite { &sqlite } else { &postgres }).await;
        installation.execute("update mails set state = 'queued', attempts = 0, may_be_out = (1 = 0)").await;
        let before = server.received().len();
        let (mut program, _, _) = installation.start_ready().await;
        let begun = Instant::now();
        until("the others", async || installation.count(SENT).await == many - 1).await;
        figures.longest = figures.longest.max(begun.elapsed());
        installation
            .execute(if is_sqlite { "drop trigger no_saving" } else { "drop trigger no_saving on mails" })
            .await;
        until("all", async || installation.count(SENT).await == many).await;
        ends(&mut program, Duration::from_secs(5)).await;
        figures.doubled += server.received().len() - before - many;
        figures.rounds += 1;
    }
    figures.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_that_fails_repeats_nothing_and_holds_up_no_other_on_sqlite() {
    unsaved(Installation::on_sqlite(), "SQLite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_that_fails_repeats_nothing_and_holds_up_no_other_on_postgres() {
    let server = PostgresServer::start().await;
    unsaved(Installation::on_postgres(&server).await, "PostgreSQL").await;
}

/// Two instances, each stopped and started again in turn while mail is sent and people are invited.
#[tokio::test(flavor = "multi_thread")]
async fn two_instances_that_are_stopped_in_turn_repeat_no_mail() {
    let postgres = PostgresServer::start().await;
    let server = SmtpServer::start(slow(50)).await;
    let installation = Installation::on_postgres(&postgres).await.with("VESTIBULE_SMTP_URL", &server.url());
    let mut figures = Figures::new("two instances stopped in turn while mail is sent", "PostgreSQL");
    let organization = installation.organization("acme").await;
    let mut running = Vec::new();
    for _ in 0..2 {
        let (program, address, _) = installation.start_ready().await;
        running.push((program, address));
    }
    let mut from = 0;
    for round in 0..rounds(4, 20) {
        let (stays, goes) = (round % 2, 1 - round % 2);
        let api = organization.api(&running[stays].1);
        invite(&api, &mut figures, from, 100).await;
        from += 100;
        let took = ends(&mut running[goes].0, Duration::from_secs(5)).await;
        assert!(took < Duration::from_secs(5), "{took:?}");
        let (program, address, _) = installation.start_ready().await;
        running[goes] = (program, address);
        figures.rounds += 1;
    }
    until("all", async || installation.count(OPEN).await == 0).await;
    let received = server.received();
    (figures.lost, figures.doubled) = (from - distinct(&received), received.len() - distinct(&received));
    figures.check();
}
